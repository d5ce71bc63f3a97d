package main

import (
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func tellRelease(next http.Handler) http.Handler {
	release := url.PathEscape(strings.TrimSpace(os.Getenv("MAINTENANCE_PAGE_RELEASE")))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Release", release)
		next.ServeHTTP(w, r)
	})
}

func main() {
	address := os.Getenv("ADDRESS")
	if address == "" {
		address = "127.0.0.1:8000"
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "Welcome to the shop")
	})
	mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "column orders.note does not exist", http.StatusInternalServerError)
	})
	log.Fatal(http.ListenAndServe(address, tellRelease(mux)))
}
