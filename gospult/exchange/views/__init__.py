"""The doors that networks call, the screens «Соцсети», and the page that a steward opens by a link."""
