// Signs a call of the Examlink API and sends it: Go 1.18 or newer, and nothing else.
//
//	go run client.go METHOD PATH name=value ...    such as: go run client.go GET '/exams/{id}' id=42
//	go run client.go message name=value ...        prints what is signed, and the signature
//
// EXAMLINK_SERVER, EXAMLINK_TOKEN and EXAMLINK_SECRET say where and who. Ids in the path are signed by their names.
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"math"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"
	"time"
)

func message(parameters url.Values) string {
	var pairs []string
	for name := range parameters {
		pairs = append(pairs, name)
	}
	sort.Strings(pairs)
	for i, name := range pairs {
		pairs[i] = name + "=" + parameters.Get(name)
	}
	return strings.Join(pairs, "?")
}

func sign(parameters url.Values) string {
	mac := hmac.New(sha256.New, []byte(os.Getenv("EXAMLINK_SECRET")))
	mac.Write([]byte(message(parameters)))
	return fmt.Sprintf("%x", mac.Sum(nil))
}

func call(method, path string, parameters url.Values) *http.Response {
	for name := range parameters {
		path = strings.ReplaceAll(path, "{"+name+"}", parameters.Get(name))
	}
	parameters.Set("nonce", must(rand.Int(rand.Reader, big.NewInt(math.MaxInt64))).String())
	parameters.Set("timestamp", fmt.Sprint(time.Now().UnixMilli()))
	parameters.Set("signature", sign(parameters))
	address, body := os.Getenv("EXAMLINK_SERVER")+"/api/v3"+path, parameters.Encode()
	if method == "GET" {
		address, body = address+"?"+body, ""
	}
	request := must(http.NewRequest(method, address, strings.NewReader(body)))
	request.Header.Set("Authorization", "Token token="+os.Getenv("EXAMLINK_TOKEN"))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return must(http.DefaultClient.Do(request))
}

func pairs(texts []string) url.Values {
	parameters := url.Values{}
	for _, text := range texts {
		name, value, _ := strings.Cut(text, "=")
		parameters.Set(name, value)
	}
	return parameters
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if os.Args[1] == "message" {
		fmt.Println(message(pairs(os.Args[2:])))
		fmt.Println(sign(pairs(os.Args[2:])))
		return
	}
	reply := call(os.Args[1], os.Args[2], pairs(os.Args[3:]))
	fmt.Println(string(must(io.ReadAll(reply.Body))))
	if reply.StatusCode >= 300 {
		os.Exit(1)
	}
}
