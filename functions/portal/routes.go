package portal

import (
	"context"
	"net/http"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/work"
)

// route is all that is known of a route: what serves it, and what /openapi.json
// says of it.
type route struct {
	pattern string // as in function.yaml
	id      string // operationId
	title   string
	text    string
	roles   []access.Role
	use     access.Use // "": the first purpose of each role (access.UseOf)
	about   string     // kind of record that {id} names
	noted   audit.Act  // how a refusal is noted; "" is view

	handle func(*function, context.Context, *work.Unit, *call) (answer, error)
	apart  func(*function, context.Context, *call) (answer, error) // instead, for what takes units of its own
	limit  int64                                                   // bytes of the body; 0 is maxBody
	status int                                                     // of success; 0 is 200

	query    []string // parameters, by their names in schemas/*.json
	schema   string   // schema of the body
	gives    string   // schema of the answer; "" is a file
	problems []string // beside those that every route has
}

func (r *route) takes(role access.Role) bool { return slices.Contains(r.roles, role) }

func (r *route) act() audit.Act {
	if r.noted == "" {
		return audit.View
	}
	return r.noted
}

var (
	firstLevel = []access.Role{access.Adviser, access.Supervisor}
	operators  = []access.Role{access.Administrator}
	machines   = []access.Role{access.Producer}
)

// routes is the table. Whoever is not in roles is refused, and that is noted.
var routes = slices.Concat(
	requestRoutes,
