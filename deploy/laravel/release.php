<?php

$release = trim((string) getenv('MAINTENANCE_PAGE_RELEASE'));
$file = (string) getenv('MAINTENANCE_PAGE_RELEASE_FILE');
if ($release === '' && is_readable($file)) {
    $release = trim((string) strtok((string) file_get_contents($file), "\n"));
}
header('X-Release: ' . rawurlencode($release));
