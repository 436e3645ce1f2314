"""HTML from templates in which every text is escaped where it is put."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def html_environment(folder: str) -> Environment:
    """The templates of a folder of this package.

    Text is escaped wherever a template puts it, unless it is `Markup`, and a name that a template
    does not know is an error.

    folder  the folder of the templates, from the folder of the package

    >>> html_environment("render").from_string("<p>{{ text }}</p>").render(text="a < b")
    '<p>a &lt; b</p>'
    """
    return Environment(
        loader=PackageLoader("ceasefire", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
