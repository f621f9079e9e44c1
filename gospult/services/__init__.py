"""Services for residents, open to everybody: no login, no cookies, no names.

Case status by number is here now. Reads the desk through its models, changes nothing.
"""
