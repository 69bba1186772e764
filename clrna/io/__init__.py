"""Reading and writing files: the edge at which AnnData becomes arrays and back."""
