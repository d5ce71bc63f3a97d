<?php

require __DIR__.'/../release.php';

require '/usr/share/php/Illuminate/autoload.php';

use Illuminate\Contracts\Debug\ExceptionHandler;
use Illuminate\Contracts\Http\Kernel as KernelContract;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Exceptions\Handler;
use Illuminate\Foundation\Http\Kernel;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Route;

$app = new Application(dirname(__DIR__));
$app->singleton(KernelContract::class, Kernel::class);
$app->singleton(ExceptionHandler::class, Handler::class);
$app->booted(function () {
    Route::get('/', fn () => 'Welcome to the shop');
    Route::get('/orders', function () {
        throw new RuntimeException('column orders.note does not exist');
    });
    Route::get('/killed', fn () => posix_kill(getmypid(), 9));
    Route::get('/environment', fn () => response()->json($_SERVER));
});

$kernel = $app->make(KernelContract::class);
$request = Request::capture();
$response = $kernel->handle($request);
$response->send();
$kernel->terminate($request, $response);
