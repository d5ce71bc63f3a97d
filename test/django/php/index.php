<?php

require __DIR__ . '/../../../deploy/laravel/release.php';

if ($_SERVER['REQUEST_URI'] === '/orders') {
    throw new RuntimeException('column orders.note does not exist');
}
echo 'Welcome to the shop';
