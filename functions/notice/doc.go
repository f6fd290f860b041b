// Package notice follows up letters that ask for a confirmation (shared/notice).
// When the time of one is over, an answer that a person wrote meanwhile in its
// conversation confirms it, as of when it came; else the next contact is told,
// with the same words under a line that says why, and gets as long. Where nobody
// is left, the limit stays overdue and an alarm is raised.
package notice
