"""Write down how you think a conflict ends. Find out whether it follows.

    import ceasefire as cf
    case = cf.load("cases/ukraine-2025.yaml")
    cf.ask(case, "P(eventually(not fighting))")
    cf.check(case, worlds=256)

Below these: `game = cf.build(case)`, `play = cf.solve(game, world)`.
"""
