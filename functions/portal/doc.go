// Package portal is the HTTP API of the portals, and the entrance for events
// from outside. /openapi.json tells all of it; it is made from the same table
// (routes.go) that the routes are.
//
// Each request is one unit of work: token, role, body; then the handler of its
// route within a unit bound to the person, their tenant and the purpose of the
// route; then the answer, once the unit is committed. So what somebody saw
// stands in the processing log before they see it.
//
//	portal.go      settings, wiring
//	serve.go       a request from token to answer
//	problem.go     everything that can go wrong, by its stable type
//	routes.go      the table of routes: roles, purposes, what they take and give
//	page.go        cursors, and one view of several lists
//	messages.go    conversations.go  contacts.go  merge.go  media.go
//	deadletters.go events.go
//	openapi.go     the description, and the page that shows it
package portal
