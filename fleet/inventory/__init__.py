"""What is wanted: which backup of what, on which server, when it may start, and what is expected of it.

A new field of the fleet file goes into `fleet_file_fields`, one of the create call into `request`, one that only audits
check into `expectation`; `fleet_file` reads them, and `Target` carries them through a run.
"""
