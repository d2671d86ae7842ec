import sys

from madoguchi.config.cli import main

sys.exit(main())
