"""The rules of membership, pure: one module for each aggregate.

`person` registers; `application` is how an organisation asks to become an affiliate; `organisation` is the member with
its people; `invitation` is how a person comes to belong to one.
"""
