"""Controls, forms and previews for notebooks; what they show is no part of a document."""
