"""Rules of routing as a table: download, try, load."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from gospult.lib.errors import Refused

from .. import actions
from ..forms import RulesFileForm
from .access import Request, cleaned
from .routes import editor, keeper


@require_POST
@keeper
def export(request: Request) -> HttpResponseBase:
    return FileResponse(actions.export_rules(by=request.user), as_attachment=True, filename=f"pravila-{timezone.localdate()}.csv")


@require_http_methods(["GET", "HEAD", "POST"])
@editor
def load(request: Request) -> HttpResponse:
    """A file is tried first when the person asks so; then it is sent once more to be loaded."""
    form, counts = RulesFileForm(), None
    if request.method == "POST":
        form = RulesFileForm(request.POST, request.FILES)
        only_try = request.POST.get("do") != "load"
        try:
            data = cleaned(form)
            counts = actions.import_rules(content=data["file"].read(), sure=data["sure"], only_try=only_try, by=request.user)
            if not only_try:
                messages.success(request, f"Загружено: новых {counts['added']}, изменено {counts['changed']}, без изменений {counts['same']}.")
                return redirect("desk:routes")
        except Refused as no:
            form.add_error("file", str(no))
    return render(request, "desk/route_file.html", {"form": form, "counts": counts})
