<?php

header('X-Release: ' . trim((string) getenv('MAINTENANCE_PAGE_RELEASE')));
