"""What can be wrong with a row of the export, as an operator reads it."""

TITLES = {
    "name_blank": "Нет названия организации: строка не загружена",
    "level_blank": "Не указан уровень",
    "founder_blank": "Не указан учредитель",
    "ogrn_blank": "Нет ОГРН",
    "ogrn_bad": "ОГРН с ошибкой: не те цифры или контрольное число",
    "ogrn_shared": "Один ОГРН у двух организаций",
    "status_blank": "Не указан статус",
    "status_unknown": "Незнакомый статус",
    "sphere_unknown": "Сфера, которой раньше не было в реестре",
    "address_zero": "Вместо адреса страницы стоит «0»",
    "address_empty": "Нет ни адреса страницы, ни основания её не вести",
    "address_without_id": "Адрес без номера: vk.com/public",
    "address_personal": "Ссылка на личную страницу: не загружена",
    "address_unreadable": "По ссылке нельзя понять, какая это страница",
    "address_other_network": "Ссылка на другую сеть, не на ВКонтакте",
    "address_shared": "Один адрес у двух организаций",
    "id_missing": "Есть адрес, но нет ID страницы",
    "id_mismatch": "ID в ссылке и в колонке «ID госпаблика» разные: взят из ссылки",
    "handle_conflict": "Одно короткое имя у страниц с разными ID",
    "ground_with_address": "Есть и основание не вести страницу, и её адрес",
    "ground_newline": "Перенос строки внутри основания",
    "row_duplicate": "Повтор строки: та же организация и та же страница",
    "value_unreadable": "Значение не подходит к колонке: не загружено",
    "cell_error": "Ошибка формулы в ячейке",
    "name_capitals": "Название набрано заглавными буквами",
}


class Problems(dict[str, list[tuple[int, str]]]):
    """kind → [(row of the sheet, what stood there)], in the order of `TITLES`."""

    def add(self, kind: str, row: int, found: object = "") -> None:
        """Note a problem of a row and what stood there."""
        self.setdefault(kind, []).append((row, str(found)[:200]))

    def counts(self) -> dict[str, int]:
        """kind → how many rows."""
        return {kind: len(self.rows_of(kind)) for kind in TITLES if kind in self}

    def rows_of(self, kind: str) -> list[int]:
        """Numbers of the rows, each once, ascending."""
        return sorted({row for row, _ in self.get(kind, [])})
