"""The screens of «Обращения»."""
