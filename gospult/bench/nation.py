"""The registry of a country with what monitoring, scores and audience keep of it, made inside the database. Names are made up and always the same."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection, models
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.audience.models import Build, Cell, PageShare
from gospult.exchange.models import Card, Wall
from gospult.monitoring.models import Finding, PageMonth, Post, Snapshot
from gospult.registry.models import Body, BodySphere, Exemption, Page, PageBody, Sphere, Steward, Territory
from gospult.scores.models import Score

from .figures import say
from .multiply import without_indexes

PAGES, BODIES, MUNICIPALITIES, PEOPLE = 175_000, 120_000, 2_500, 40_000
REGIONS, OFFICES, MINISTRIES = 89, 3, 6  # offices: an administration and two departments of each municipality
DAYS, MONTHS, POSTS = 30, 3, 24  # of snapshots; of PageMonth; posts of a page in 90 days
NETWORKS = (("vk", 0.57), ("ok", 0.20), ("telegram", 0.15), ("max", 0.08))
METHOD = "traffic-light"
SYLLABLES = (
    ("ка", "ka"), ("ро", "ro"), ("ми", "mi"), ("ле", "le"), ("су", "su"), ("да", "da"), ("во", "vo"), ("ни", "ni"), ("те", "te"), ("бу", "bu"),
    ("ла", "la"), ("го", "go"), ("ри", "ri"), ("ме", "me"), ("ту", "tu"), ("ша", "sha"), ("по", "po"), ("зи", "zi"), ("не", "ne"), ("ку", "ku"),
)  # fmt: skip
# What an institution is called, its handle, the place of its sphere.
KINDS = (
    ("Школа № {}", "school", 1), ("Детский сад № {}", "detsad", 1), ("Дом культуры № {}", "dk", 2), ("Библиотека № {}", "biblioteka", 2),
    ("Поликлиника № {}", "poliklinika", 3), ("Школа № 1{}", "sosh", 1), ("Детский сад № 1{}", "dou", 1), ("Спортивная школа № {}", "sport", 4),
    ("Центр помощи № {}", "centr", 5), ("Музей № {}", "muzey", 2),
)  # fmt: skip
SPHERES = ("Образование", "Культура", "Здравоохранение", "Спорт", "Социальная защита", "Управление")


def fill(*, pages: int = PAGES, bodies: int = BODIES, municipalities: int = MUNICIPALITIES, people: int = PEOPLE, posts: int = POSTS) -> None:
    """All of it, some minutes at full size; VACUUM ANALYZE at the end."""
    _places(municipalities)
    Sphere.objects.bulk_create([Sphere(code=f"sphere-{n}", name=name) for n, name in enumerate(SPHERES, start=1)])
    _bodies(bodies)
    _pages(pages)
    _people(people)
    _run("ANALYZE")
    with without_indexes([Card, Wall, Snapshot, Post, PageMonth, Finding, Score, Cell, PageShare]):
        _readings()
        _snapshots()
        _posts(posts)
        _months()
        _findings()
        _scores()
        _audience()
    _tidy()


def _tidy() -> None:
    _run("VACUUM ANALYZE")


def put(model: type[models.Model], source: str, given: Sequence[Any] = (), /, **columns: str) -> None:
    """INSERT … SELECT of the columns as SQL over the source; every other column is as in a new row of the model."""
    names, values, asked = [], [], list[Any]()
    for one in model._meta.concrete_fields:
        if one.generated or (one.primary_key and one.column not in columns):
            continue
        names.append(connection.ops.quote_name(str(one.column)))
        values.append(columns.get(str(one.column), "%s"))
        asked += [] if one.column in columns else [one.get_db_prep_save(one.get_default(), connection)]
    _run(f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)} {source}", [*asked, *given])
    _run(f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), (SELECT max(id) FROM {model._meta.db_table}))")
    say(f"Страна: {model.__name__}")


def _run(sql: str, given: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(given))


def _spelled(number: int, side: int) -> str:
    """A name of four syllables, a different one for each number: Russian (0) or Latin (1)."""
    return "".join(SYLLABLES[(number * 7 + number // 20**place * 3 + place) % 20 if place else number % 20][side] for place in range(4))


def _shares(parts: int, whole: int, flat: float) -> list[int]:
    """A whole cut into parts, each smaller than the one before."""
    weights = [1 / (n + flat) for n in range(parts)]
    return [max(1, round(whole * weight / sum(weights))) for weight in weights]


def _places(municipalities: int) -> None:
    """Country → regions → municipalities → about seven times as many settlements; the largest region is a 24th of the country."""
    rows = [Territory(pk=1, code="country", name="Примерная страна", level="federal", population=146_000_000, path="/1/")]
    for region, many in enumerate(_shares(REGIONS, municipalities, 11), start=1):
        top = _place(rows, rows[0], "region", f"{region:02}000000", 60_000 * many)
        for number in range(1, many + 1):
            town = _place(rows, top, "municipality", f"{region:02}{number % 1000:03}000", 180_000 // number + 9_000)
            for village in range(3 + number % 9):
                _place(rows, town, "settlement", f"{region:02}{number % 1000:03}{village + 1:03}", 900 + 100 * village)
    Territory.objects.bulk_create(rows, batch_size=4000)
    _run("SELECT setval(pg_get_serial_sequence('registry_territory', 'id'), (SELECT max(id) FROM registry_territory))")
    say(f"Страна: {len(rows)} территорий")


ENDS = {"region": "ская область", "municipality": "ский район", "settlement": "ское поселение"}


def _place(rows: list[Territory], above: Territory, level: str, oktmo: str, population: int) -> Territory:
    pk = len(rows) + 1
    made = Territory(
        pk=pk, code=f"{_spelled(pk, 1)}-{pk}", name=f"{_spelled(pk, 0).capitalize()}{ENDS[level]}", level=level, parent=above, oktmo=oktmo,
        population=population, population_date=date(2026, 1, 1), path=f"{above.path}{pk}/",
    )  # fmt: skip
    rows.append(made)
    return made


def _bodies(bodies: int) -> None:
    """Governments and ministries of regions, administrations with departments, and the institutions below all of these."""
    put(
        Body, "FROM registry_territory WHERE level = 'region'", name="'Правительство: ' || name", level="'Регион'", territory_id="id",
        status="'flagship'",
    )  # fmt: skip
    put(
        Body, "FROM registry_body b, generate_series(1, %s) n", [MINISTRIES], name="'Министерство № ' || n || ': ' || substr(b.name, 16)",
        level="'Министерство'", territory_id="b.territory_id", parent_id="b.id", status="'flagship'", founder_name="b.name",
    )  # fmt: skip
    put(
        Body, "FROM registry_territory WHERE level = 'municipality'", name="'Администрация: ' || name", level="'МО'", territory_id="id",
        status="'flagship'",
    )  # fmt: skip
    put(
        Body, "FROM registry_body b, (VALUES ('Управление образования: '), ('Управление культуры: ')) d (name) WHERE b.name LIKE 'Администрация%%'",
        [], name="d.name || substr(b.name, 16)", level="'МО'", territory_id="b.territory_id", parent_id="b.id", status="'active'",
        founder_name="b.name",
    )  # fmt: skip
    _institutions(bodies - Body.objects.count())
    _run("UPDATE registry_body SET path = '/' || id || '/' WHERE parent_id IS NULL")
    for _ in range(3):  # a level below the one before
        _run("UPDATE registry_body b SET path = a.path || b.id || '/' FROM registry_body a WHERE a.id = b.parent_id AND b.path = '' AND a.path <> ''")
    _spheres()


def _institutions(many: int) -> None:
    """Six of seven below the departments of municipalities, the others below ministries; kinds and numbers in turn."""
    _run(
        "CREATE TEMP TABLE kind AS SELECT * FROM unnest(%s::text[], %s::text[], %s::int[]) WITH ORDINALITY k (name, handle, sphere, n)",
        [[kind[0] for kind in KINDS], [kind[1] for kind in KINDS], [kind[2] for kind in KINDS]],
    )
    _run(
        "CREATE TEMP TABLE seat AS SELECT id, territory_id, row_number() OVER (PARTITION BY seven ORDER BY place) AS n, seven FROM ("
        " SELECT b.id, b.territory_id, b.level = 'МО' AS seven, row_number() OVER (PARTITION BY t.parent_id, b.level ORDER BY b.id) AS place"
        " FROM registry_body b JOIN registry_territory t ON t.id = b.territory_id WHERE b.level IN ('МО', 'Министерство') AND b.parent_id IS NOT NULL"
        ") s"
    )
    _run(
        "CREATE TEMP TABLE village AS SELECT parent_id, array_agg(id ORDER BY id) AS ids FROM registry_territory"
        " WHERE level = 'settlement' GROUP BY 1"
    )
    _run("ANALYZE")
    for seven, some in ((True, many * 6 // 7), (False, many - many * 6 // 7)):
        seats = _one(f"SELECT count(*) FROM seat WHERE seven = {seven}")
        put(
            Body,
            "FROM (SELECT g, floor(power(mod(g * 0.6180339887, 1), 1.1) * %s)::int + 1 AS seat FROM generate_series(1, %s) g) m"
            " JOIN seat s ON s.n = m.seat AND s.seven = %s JOIN kind k ON k.n = m.g %% 10 + 1 JOIN registry_territory t ON t.id = s.territory_id"
            " LEFT JOIN village v ON v.parent_id = t.id AND m.g %% 3 = 0",
            [seats, some, seven],
            name="replace(k.name, '{}', (m.g / 10 %% 40 + 1)::text) || CASE WHEN m.g %% 2 = 0 THEN '' ELSE ', ' || t.name END",
            level="CASE WHEN s.seven THEN 'МО' ELSE 'Министерство' END", parent_id="s.id", code="k.handle || '-' || s.seven || m.g",
            territory_id="coalesce(v.ids[m.g %% array_length(v.ids, 1) + 1], t.id)", ogrn="(1000000000000 + m.g)::text",
            status="(ARRAY['active','active','active','active','active','active','card','card','flagship','not_counted'])[m.g / 7 %% 10 + 1]",
            obliged="m.g %% 12 <> 0", gone_at="CASE WHEN m.g %% 97 = 0 THEN now() END", founder_name="''",
        )  # fmt: skip


def _one(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [])
        return int(cursor.fetchone()[0])


def _spheres() -> None:
    """Of institutions that of their kind, of the others «Управление»; a seventh has a second one, a twentieth is exempt."""
    source = "FROM registry_body b LEFT JOIN kind k ON k.handle = split_part(b.code, '-', 1) JOIN registry_sphere s ON s.code = 'sphere-' || "
    put(BodySphere, f"{source} coalesce(k.sphere, 6)", body_id="b.id", sphere_id="s.id", position="1")
    put(BodySphere, f"{source} (coalesce(k.sphere, 6) %% 6 + 1) WHERE b.id %% 7 = 0", body_id="b.id", sphere_id="s.id", position="2")
    put(Exemption, "FROM registry_body WHERE id %% 20 = 3", body_id="id", ground="'Распоряжение учредителя: страница не ведётся'")


def _pages(pages: int) -> None:
    """A body has at most one page of a network; a tenth has none at all, and each hundredth page is shared."""
    _run("CREATE TEMP TABLE host AS SELECT id, row_number() OVER (ORDER BY hashint4(id::int)) AS n FROM registry_body WHERE id %% 10 <> 9")
    _run("ANALYZE")
    hosts, first = _one("SELECT count(*) FROM host"), 0
    for shift, (network, share) in enumerate(NETWORKS):
        many = min(hosts, round(pages * share))
        _pages_of(network, many, hosts, shift, first)
        first += many
    put(
        PageBody, "FROM registry_page p JOIN registry_pagebody o ON o.page_id = p.id JOIN registry_body b ON b.id = o.body_id"
        " WHERE p.id %% 100 = 0 AND b.parent_id IS NOT NULL", page_id="p.id", body_id="b.parent_id", shared="true",
    )  # fmt: skip


def _pages_of(network: str, many: int, hosts: int, shift: int, first: int) -> None:
    place = f"(h.n + {shift * hosts // 4}) %% {hosts} + 1"
    source = f"""FROM (SELECT h.id, {place} AS place FROM host h) h JOIN registry_body b ON b.id = h.id JOIN
    registry_territory t ON t.id = b.territory_id
        LEFT JOIN kind k ON k.handle = split_part(b.code, '-', 1) WHERE h.place <= %s"""
    handle = (
        "CASE WHEN h.place %% 3 = 0 THEN '' ELSE coalesce(k.handle, 'adm') || (CASE WHEN h.place %% 4 = 1 THEN '' ELSE (h.place %% 40)::text END)"
        " || '_' || split_part(t.code, '-', 1) || CASE WHEN h.place %% 4 = 1 THEN '_' ELSE '' END || chr(97 + (h.place %% 26)::int)"
        " || chr(97 + (h.place / 26 %% 26)::int) || chr(97 + (h.place / 676 %% 26)::int) || chr(97 + (h.place / 17576 %% 26)::int) END"
    )
    put(
        Page, source, [many], id=f"{first} + h.place", network=f"'{network}'", external_id=f"(700000000 + {first} + h.place)::text",
        handle=handle, name="b.name", state="(ARRAY['published','under_review','draft','archived'])[1 + (h.place %% 50 = 1)::int + "
        "2 * (h.place %% 100 = 7)::int + 3 * (h.place %% 40 = 3)::int]",
        review_reason="CASE WHEN h.place %% 50 = 1 THEN 'Нет в последней выгрузке' ELSE '' END", connected="h.place %% 9 <> 0",
        has_mark="(ARRAY[true, true, true, true, false, false, null])[h.place %% 7 + 1]", facts_date="current_date - 5",
        design="h.place * 7 %% 51 + 50",
        widgets="h.place %% 3", activity="h.place * 13 %% 101", members="(20000 / (1 + h.place %% 97) + h.place * 31 %% 400)",
        weekly_reach="h.place * 17 %% 5000",
        post_reach="h.place * 19 %% 900", from_export="true", created_at="now() - interval '400 days'",
    )  # fmt: skip
    linked = f"FROM (SELECT h.id, {place} AS place FROM host h) h WHERE place <= %s"
    put(PageBody, linked, [many], page_id=f"{first} + place", body_id="id")


def _people(people: int) -> None:
    """Stewards, who keep four fifths of the pages between them."""
    names = "SELECT g, " + " || ".join(f"(%s::text[])[g / {20**n} %% 20 + 1]" for n in range(3)) + " AS name FROM generate_series(1, %s) g"
    told = [[one for one, _ in SYLLABLES]] * 3
    put(
        Person,
        f"FROM ({names}) g",
        [*told, people],
        username="'steward-' || g",
        last_name="initcap(name) || 'ов'",
        first_name="'Имя'",
        password="'!'",
    )
    first = Person.objects.filter(username__startswith="steward-").order_by("pk").values_list("pk", flat=True)[0]
    put(Steward, "FROM registry_page WHERE id %% 5 <> 0 AND state <> 'archived'", page_id="id", person_id=f"{first} + id %% {people}")


RAW = """CASE network
  WHEN 'vk' THEN jsonb_build_object('id', external_id::int, 'name', name, 'screen_name', handle, 'members_count', members, 'is_closed', 0, 'type',
  'page',
    'description', repeat('Официальная страница организации. ', 6), 'photo_200', 'https://sun1.example/' || id || '.jpg', 'activity', 'Школа',
    'wall', 1,
    'can_message', 1, 'site', 'https://example.ru/' || id, 'contacts', jsonb_build_array(jsonb_build_object('phone', '+7 000 000-00-00')),
    'verified', 1,
    'cover', jsonb_build_object('enabled', 1, 'images', jsonb_build_array(jsonb_build_object('url', 'https://sun1.example/c.jpg', 'width', 1590,
    'height', 400))),
    'addresses', jsonb_build_object('main_address', jsonb_build_object('address', 'ул. Примерная, 1', 'latitude', 55, 'longitude', 61)),
    'menu', jsonb_build_object('items', jsonb_build_array(
      jsonb_build_object('title', 'Сообщить о проблеме', 'url',
      'https://pos.gosuslugi.ru/form/?opaId=' || 200000 + id || '&utm_source=vk&utm_medium=' || id),
      jsonb_build_object('title', 'Запись', 'url', 'https://example.ru/zapis'))))
  WHEN 'ok' THEN jsonb_build_object('uid', external_id, 'name', name, 'shortname', handle, 'members_count', members, 'pic_avatar',
  'https://i.example/a.jpg',
    'description', repeat('Официальная страница организации. ', 4), 'messages_allowed', true, 'access_type', 'OPEN')
  WHEN 'telegram' THEN jsonb_build_object('id', external_id::int, 'title', name, 'username', handle, 'description', 'Официальный канал', 'type',
  'channel')
  ELSE jsonb_build_object('chat_id', external_id::int, 'title', name, 'link', 'https://max.ru/' || handle, 'participants_count', members,
  'is_public', true) END"""


def _readings() -> None:
    """The latest card and wall of each page; a hundredth is gone, some are closed or have another handle, a fiftieth was never read."""
    odd = {"gone": "id %% 101 = 0", "closed": "id %% 211 = 0", "comments_open": "id %% 53 <> 0"}
    put(
        Card, "FROM registry_page WHERE id %% 50 <> 0", page_id="id", name="name", members="members", raw=RAW, **odd, messages_open="true",
        handle="handle || CASE WHEN id %% 307 = 0 AND handle <> '' THEN '_new' ELSE '' END", read_at="now() - (id %% 30) * interval '1 hour'",
        tried_at="now() - (id %% 30) * interval '1 hour'", comments_closed_at="CASE WHEN id %% 53 = 0 THEN now() - interval '9 days' END",
    )  # fmt: skip
    put(
        Wall, "FROM registry_page WHERE id %% 50 <> 0", page_id="id", posts="20", seen_since="now() - interval '200 days'",
        last_post_at="now() - (id %% 14) * interval '1 day'", read_at="now() - (id %% 30) * interval '1 hour'", tried_at="now()",
    )  # fmt: skip


def _snapshots() -> None:
    """A card a day, without today's, and an export a month: `DAYS` days."""
    shown = "FROM registry_page p CROSS JOIN generate_series(1, %s) d WHERE p.id %% 50 <> 0"
    members = "p.members - d * (p.id %% 5)::int + (p.id * d %% 7)::int + CASE WHEN p.id %% 997 = 0 AND d < 6 THEN p.members ELSE 0 END"
    put(
        Snapshot, f"{shown} ORDER BY d DESC, p.id", [DAYS], page_id="p.id", date="current_date - d", source="'card'",
        at="now() - d * interval '1 day'",
        name="p.name", handle="p.handle", members=f"greatest(0, {members})", gone="false", closed="false", comments_open="true", messages_open="true",
        widgets="p.widgets", marks="""'{"avatar": true, "cover": true, "description": true, "name": true, "sector": null, "widgets":
        false}'::jsonb""",
    )  # fmt: skip
    put(
        Snapshot, "FROM registry_page p CROSS JOIN generate_series(0, 2) d", page_id="p.id", date="current_date - 5 - 30 * d", source="'export'",
        name="p.name", handle="p.handle", members="p.members", has_mark="p.has_mark", connected="p.connected", status="'active'", design="p.design",
        widgets="p.widgets", activity="p.activity", weekly_reach="p.weekly_reach", post_reach="p.post_reach",
    )  # fmt: skip


def _posts(posts: int) -> None:
    put(
        Post, "FROM registry_page p CROSS JOIN generate_series(1, %s) n WHERE p.id %% 50 <> 0", [posts], page_id="p.id", external_id="'w' || n",
        published_at=f"now() - (n * 90.0 / {max(1, posts)} - (p.id %% 3)) * interval '1 day'", views="100 + p.id * n %% 900", likes="p.id * n %% 23",
        comments="n %% 3", reposts="(CASE WHEN p.id %% 499 = 0 AND n = 2 THEN 5000 ELSE n %% 4 END)", length="200", is_repost="n %% 9 = 0",
        read_at="now()",
    )  # fmt: skip


def months(count: int = MONTHS) -> list[date]:
    """The running month and those before it, the latest first."""
    found = [timezone.localdate().replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _months() -> None:
    for month in months():
        first = f"date_trunc('week', date '{month}')::date"
        put(
            PageMonth, "FROM registry_page", page_id="id", month=f"date '{month}'", posts="id %% 20", reposts="id %% 3", placed="1",
            views="id * 37 %% 9000",
            likes="id * 7 %% 300", comments="id %% 40", shares="id %% 60", members="members", members_before="members - (id %% 9)::int",
            design="design",
            weekly_reach="weekly_reach", has_mark="has_mark", connected="connected", widgets="widgets", status="'active'", alive="id %% 101 <> 0",
            weeks=f"(SELECT jsonb_agg(jsonb_build_array(({first} + 7 * w)::text, id %% 5, 7, 3)) FROM generate_series(0, 4) w)",
            parts="jsonb_build_array(jsonb_build_array(3, 9, 1, 1, 200), jsonb_build_array(2, 9, 1, 1, 200))", as_of="now()", counted_at="now()",
            marks="""'{"avatar": true, "cover": true, "description": true}'::jsonb""", seen_since="now() - interval '200 days'",
        )  # fmt: skip


def _findings() -> None:
    kinds = [kind.value for kind in Finding.Kind]
    put(
        Finding, "FROM registry_page p CROSS JOIN generate_series(1, 2) n WHERE (p.id * n) %% 11 = 3 OR p.id %% 29 = n", page_id="p.id",
        mark="n::text",
        kind=f"(ARRAY{kinds}::text[])[1 + p.id * n %% {len(kinds)}]", state="(ARRAY['open','open','confirmed','dismissed','past'])[1 + p.id %% 5]",
        evidence="jsonb_build_object('was', p.handle, 'now', 'other', 'date', '01.11.2026', 'name', p.name)",
        first_seen_at="now() - (p.id %% 60) * interval '1 day'", last_seen_at="now()",
    )  # fmt: skip


PART = """(SELECT jsonb_agg(jsonb_build_object('code', 'part' || n, 'title', 'Показатель ' || n, 'value', (n * 10)::text, 'points', n::text,
'most', '20',
    'applies', true, 'why', 'записей в неделю достаточно', 'known', 1)) FROM generate_series(1, 6) n)"""


def _scores() -> None:
    """Of pages, bodies and municipalities in the running month and the one before; a twelfth is not confirmed."""
    for month in months(2):
        for column, source in (
            ("page_id", "registry_page WHERE state <> 'archived'"), ("body_id", "registry_body WHERE listed"), ("territory_id",
            "registry_territory WHERE level = 'municipality'"),
        ):  # fmt: skip
            put(
                Score, f"FROM {source}", **{column: "id"}, method=f"'{METHOD}'", month=f"date '{month}'", pages="1", known="1", as_of="now()",
                kind="CASE WHEN id %% 12 = 0 THEN 'unconfirmed' ELSE 'computed' END",
                total="CASE WHEN id %% 12 <> 0 THEN (id * 7919 %% 10001) / 100.0 END",
                parts=PART, **{"group": "CASE WHEN id %% 12 = 0 THEN '' WHEN id * 7919 %% 10001 > 7000 THEN 'green' ELSE 'red' END"},
            )  # fmt: skip


def _audience() -> None:
    """A finished build: the cell of every territory × sphere × network, what each page adds."""
    build = Build.objects.create(state=Build.State.DONE, unfinished=None, as_of=timezone.now(), total=Page.objects.count(), done=Page.objects.count())
    placed = "FROM registry_page p JOIN registry_pagebody o ON o.page_id = p.id AND NOT o.shared JOIN registry_body b ON b.id = o.body_id"
    _run(
        "CREATE TEMP TABLE lies AS SELECT p.id, p.network, p.members, b.territory_id, u::bigint AS above, s.sphere_id "
        f"{placed} JOIN registry_territory t ON t.id = b.territory_id CROSS JOIN LATERAL unnest(string_to_array(trim('/' FROM t.path), '/')) u"
        " LEFT JOIN LATERAL (SELECT NULL::bigint AS sphere_id UNION ALL SELECT sphere_id FROM registry_bodysphere s WHERE s.body_id = b.id) s ON true"
    )
    counted = {"pages": "count(*)", "read": "count(*)", "people": "sum(members) * 2 / 3", "subscriptions": "sum(members)", "network": "network"}
    put(Cell, "FROM lies GROUP BY above, sphere_id, network", build_id=str(build.pk), territory_id="above", sphere_id="sphere_id", **counted)
    put(
        PageShare, placed, build_id=str(build.pk), page_id="p.id", territory_id="b.territory_id", subscriptions="p.members",
        only_near="p.members / 3", only_here="CASE WHEN p.id %% 9 <> 0 THEN p.members / 5 END",
    )  # fmt: skip
