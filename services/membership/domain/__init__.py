"""The rules of membership, pure: one module for each aggregate.

`person` registers; `application` is how an organisation asks to become a member, scored (`scoring`) where it answers an
`expression_of_interest`; `ways_in` makes a member of it, by that or by appointment; `organisation` is the member, with
its people (`colleagues`) and its terms (`membership`); `invitation` is how a person comes to belong to one;
`member_import` takes many in at once.
"""
