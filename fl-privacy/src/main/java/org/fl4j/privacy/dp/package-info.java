/**
 * Differentially private releases: clipping, exact noise, the budget and its ledger.
 *
 * <p>A release: {@link org.fl4j.privacy.dp.ClippedMean} or {@link org.fl4j.privacy.dp.AdaptiveClippedMean} clips ({@code
 * ClipPlan}), {@link org.fl4j.privacy.dp.GaussianMechanism} adds noise at the server ({@code NoisePlan}, drawn by {@link
 * org.fl4j.privacy.dp.DiscreteGaussian}), {@link org.fl4j.privacy.dp.LocalDifferentialPrivacy} at each client. {@link
 * org.fl4j.privacy.dp.MatrixMechanism} adds noise that is correlated over the rounds of a {@link org.fl4j.privacy.dp.MatrixPlan} ({@code
 * CorrelatedNoise} of a {@code ToeplitzStrategy}, from {@code NoiseSeeds}, which {@code MatrixGuard} admits round by round).
 *
 * <p>Accounting: both charge a {@code ChargedRelease} to the one {@code PrivacyLedger} before noise is drawn. A run's charges are
 * in its state ({@code LedgerState}) and, with a journal, on disk first: {@code ReleaseJournal} decides which account may be charged in
 * which file, {@code JournalFile} locks it, appends and forces to disk, {@code JournalContent} reads and checks the chain of
 * {@code JournalRecord}s. A {@link org.fl4j.privacy.dp.PrivacyStatement} says what was spent.
 */
@NullMarked
package org.fl4j.privacy.dp;

import org.jspecify.annotations.NullMarked;
