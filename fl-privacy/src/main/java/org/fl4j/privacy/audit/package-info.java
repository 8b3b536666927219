/**
 * Audits: what released weights show of clients that are in or out by a coin, held against what a run booked. Start at {@link
 * org.fl4j.privacy.audit.PrivacyAudit}.
 *
 * <p>{@code Canary} sends what {@code Directions} makes of its number, {@link org.fl4j.privacy.audit.AuditedRun} adds up scores in a {@code Tally},
 * {@code OneRunBound} and {@code ScoreFit} turn scores into {@link org.fl4j.privacy.audit.AuditEvidence}. It listens to the server, and nothing below imports it.
 */
@NullMarked
package org.fl4j.privacy.audit;

import org.jspecify.annotations.NullMarked;
