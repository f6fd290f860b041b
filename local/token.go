package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
)

// server says where a running system is, and where it keeps things.
type server struct {
	Server string `help:"The running server, whose clock counts." default:"http://127.0.0.1:8080"`
	Data   string `help:"Its data directory." default:".data/okence" env:"OKENCE_DATA" type:"path"`
	Keys   string `help:"Its key directory; by default that of the data with .keys behind its name." env:"OKENCE_KEYS" type:"path"`
}

func (s server) keys() string {
	if s.Keys != "" {
		return s.Keys
	}
	return strings.TrimRight(s.Data, "/") + ".keys"
}

// now asks the server for its instant. Where none runs it is the wall's.
func (s server) now() time.Time {
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get(s.Server + "/dev/clock")
	if err != nil {
		return time.Now().UTC()
	}
	defer resp.Body.Close()
	var c clockAnswer
	if json.NewDecoder(resp.Body).Decode(&c) != nil || c.Now.IsZero() {
		return time.Now().UTC()
	}
	return c.Now
}

type tokenCmd struct {
	Tenant         string `help:"Tenant." required:""`
	Role           string `help:"adviser, supervisor, custodian, officer, dpo, administrator, auditor, producer or subject." required:""`
	Subject        string `help:"Opaque id of the person." default:"dev"`
	Name           string `help:"Name for the processing log." default:"Development"`
	NoSecondFactor bool   `help:"Leave the second factor out."`
	server
}

func (c *tokenCmd) Run() error {
	if err := access.Role(c.Role).Validate(); err != nil {
		return err
	}
	if !events.ValidTenant(c.Tenant) {
		return errors.New("--tenant must be lower-case letters, digits and hyphens")
	}
	id := access.Identity{Subject: c.Subject, Name: c.Name, Tenant: c.Tenant, Role: access.Role(c.Role)}
	token, err := access.IssueLocal(c.keys(), id, !c.NoSecondFactor, c.now())
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}
