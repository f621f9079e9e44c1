"""Screens «Страницы»: lists, cards, import."""
