import "intermission/express";
