"""The figures that a method may ask for, with their names. A figure that is not listed here cannot stand in a method's file."""

FIGURES = {
    # of many pages
    "pages": "страниц, по которым есть данные",
    "cards": "из них «визиток»",
    "regular_pages": "страниц с тремя записями в каждой неделе",
    "views": "просмотров",
    "likes": "отметок «нравится»",
    "comments": "комментариев",
    "reposts": "репостов",
    "factor": "доля (отметка + подключение + оформление) / страницы / 3",
    # of one page, on one day
    "mark": "госметка",
    "connected": "подключена к «Госпабликам»",
    "avatar": "аватар",
    "description": "описание",
    "cover": "обложка",
    "widgets": "виджетов ПОС",
    "week_posts": "записей в неделе",
    "reach_share": "недельный охват к подписчикам, %",
    # of the platform of feedback (ПОС), as its operator tells them
    "pos_connected": "организаций подключено, %",
    "pos_widgets": "органов с виджетом, %",
    "pos_auto_rules": "сообщений по автоправилам, %",
    "pos_auto_coordination": "сообщений с автокоординацией, %",
    "pos_templates": "ответов по шаблонам, %",
    "pos_in_time": "ответов в срок, %",
    "pos_good_marks": "оценок 4 и 5 среди всех оценок, %",
    "pos_share": "обращений через ПОС, %",
    "pos_surveyed": "участников опросов к жителям 14+, %",
    "pos_surveys": "опросов",
    "pos_votes": "голосований",
    "pos_hearings": "общественных обсуждений, %",
}
YES_NO = frozenset({"mark", "connected", "avatar", "description", "cover"})
COUNTS = frozenset({"pages", "cards", "regular_pages", "views", "likes", "comments", "reposts", "widgets", "week_posts", "pos_surveys", "pos_votes"})
PERCENTS = frozenset(
    {"pos_connected", "pos_widgets", "pos_auto_rules", "pos_auto_coordination", "pos_templates", "pos_in_time", "pos_good_marks", "pos_share",
     "pos_surveyed", "pos_hearings"}
)  # fmt: skip
