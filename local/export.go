package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/dossier"
)

// exportCmd fetches the package of a granted request from a running server, as an
// officer would: the processing log notes it.
type exportCmd struct {
	Tenant  string `help:"Tenant." required:""`
	Request string `help:"Id of the request." required:""`
	Out     string `help:"File to write; it must not be there yet." required:"" type:"path"`
	Form    string `help:"access or portability." default:"access" enum:"access,portability"`
	Subject string `help:"Opaque id of the officer, for the processing log." default:"dev"`
	server
}

func (c *exportCmd) Run() error {
	id := access.Identity{Subject: c.Subject, Name: "Development", Tenant: c.Tenant, Role: access.Officer}
	token, err := access.IssueLocal(c.keys(), id, true, c.now())
	if err != nil {
		return err
	}
	address := c.Server + "/v1/requests/" + url.PathEscape(c.Request) + "/package?form=" + string(dossier.Form(c.Form))
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	client := http.Client{Timeout: 2 * time.Minute}
	resp, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("no answer from %s: is it running?", c.Server)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the package was not handed over: %s", resp.Status)
	}
	f, err := os.OpenFile(c.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, resp.Body)
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err != nil {
		os.Remove(c.Out)
		return err
	}
	fmt.Printf("%s: %d bytes\n", c.Out, n)
	return nil
}
