// Package severity scores a personal data breach by the ENISA method and
// proposes what follows from the score.
//
// The method is ENISA, "Recommendations for a methodology of the assessment
// of severity of personal data breaches", version 1.0, December 2013:
//
//	SE = DPC x EI + CB
//
// DPC, the data processing context, is 1 to 4: a base by category of data,
// moved by whole steps that each carry a reason. EI, the ease of
// identification, is 0.25, 0.5, 0.75 or 1. CB, the circumstances of the
// breach, is a sum of quarters from 0 to 2. SE therefore lies between 0.25 and
// 6 and is low below 2, medium below 3, high below 4 and very high from 4.
//
// All of it is whole quarters (Quarters), so no boundary depends on rounding.
// The number of persons and the unintelligibility of the data are flags beside
// the score and never points in it.
//
// The method measures; it does not decide. [Propose] turns a level into the
// duties that a policy table suggests, always marked as a proposal: whether
// the supervisory authority (GDPR Article 33) and the persons (Article 34) are
// told is decided by a named person, who may depart from it with reasons.
//
// The package is pure: no clock, no I/O, no log. Errors name the field at
// fault and never repeat what was in it.
package severity
