// Takes webhooks: verifies each with the library of Standard Webhooks, keeps it once, and answers 204.
//
//	PORT=3000 WEBHOOK_KEY=whsec_… go run .
//
// WEBHOOK_KEY is the endpoint's secret, or its public key (whpk_…) where it signs with `v1a`.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const tolerance = 5 * time.Minute

// An error where the body is not what was signed, or was signed long ago. The body is the bytes as they came.
type check func(body []byte, headers http.Header) error

func bySecret(secret string) (check, error) {
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return nil, err
	}
	return webhook.Verify, nil
}

// The library knows secrets only; this is the rest of the specification.
func byPublicKey(text string) (check, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whpk_"))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, errors.New("WEBHOOK_KEY is no public key")
	}
	return func(body []byte, headers http.Header) error {
		id, at := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
		seconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > tolerance {
			return errors.New("signed long ago")
		}
		signed := append([]byte(id+"."+at+"."), body...)
		for _, one := range strings.Split(headers.Get("webhook-signature"), " ") {
			version, signature, _ := strings.Cut(one, ",")
			if version != "v1a" {
				continue
			}
			bytes, err := base64.StdEncoding.DecodeString(signature)
			if err == nil && ed25519.Verify(key, signed, bytes) {
				return nil
			}
		}
		return errors.New("no signature fits")
	}, nil
}

type receiver struct {
	check check
	lock  sync.Mutex
	// In your program a table with a unique column, written in the transaction that does the work or queues it.
	taken map[string]bool
}

func (r *receiver) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return
	}
	if r.check(body, request.Header) != nil {
		response.WriteHeader(http.StatusUnauthorized)
		return
	}
	id := request.Header.Get("webhook-id")
	r.lock.Lock()
	defer r.lock.Unlock()
	if !r.taken[id] {
		r.taken[id] = true
		var event struct{ Type string }
		if json.Unmarshal(body, &event) == nil {
			fmt.Println(id, event.Type)
		}
	}
	response.WriteHeader(http.StatusNoContent)
}

func main() {
	key, port := os.Getenv("WEBHOOK_KEY"), os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	by := bySecret
	if strings.HasPrefix(key, "whpk_") {
		by = byPublicKey
	}
	check, err := by(key)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, &receiver{check: check, taken: map[string]bool{}}))
}
