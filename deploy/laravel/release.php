<?php

header('X-Release: ' . rawurlencode(trim((string) getenv('MAINTENANCE_PAGE_RELEASE'))));
