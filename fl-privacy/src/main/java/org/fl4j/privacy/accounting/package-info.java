/**
 * What a sequence of noised releases costs: epsilon and privacyDelta of Gaussian and other mechanisms.
 *
 * <p>Public: {@link org.fl4j.privacy.accounting.PrivacyEvent} is one release, a record for each kind of mechanism, {@link
 * org.fl4j.privacy.accounting.Composition} several; three accountants answer epsilon at a privacyDelta and back, {@link
 * org.fl4j.privacy.accounting.AnalyticGaussian} (unsampled, exact), {@link
 * org.fl4j.privacy.accounting.RenyiAccountant} (fast upper bounds) and {@link
 * org.fl4j.privacy.accounting.PrivacyLossAccountant} (certified intervals); {@link
 * org.fl4j.privacy.accounting.NoiseCalibration} searches the noise for a target.
 *
 * <h2>How a privacy loss distribution is composed</h2>
 *
 * <p>{@code PrivacyLossAccountant} asks a {@code PrivacyCurveQuery} (epsilon at a privacyDelta, or privacyDelta at an epsilon)
 * in both directions, REMOVE and ADD, and takes the larger answer. In order:
 *
 * <ol>
 *   <li>{@code KnownLosses}: the events that have a loss distribution, and how far the others are from them.
 *   <li>{@code NormalizedComposition}: drops events that reveal nothing and merges unsampled ones into one Gaussian, once to
 *       the pessimistic and once to the optimistic side. If that Gaussian is all, {@code AnalyticGaussian} answers.
 *   <li>{@code EventLoss}: the loss ln P/Q of one event as a monotone function of the observed value, with its density and its
 *       tails from {@code NormalTail} (Koskela, Jalkoe, Honkela, AISTATS 2020).
 *   <li>{@code CompositionLoss}: cuts each event's losses where they decide alone, and estimates by {@code EstimatedMoments} the
 *       tilt that puts the answer where the transform is accurate (a {@code UnimodalSearch} of the Renyi bound) and the {@code
 *       TiltedSupport} outside which Chernoff's bound leaves a negligible mass.
 *   <li>{@code GridRefinement}: lowers the cut until the upper end no longer falls; then chooses the grid step, and so the {@code
 *       ConvolutionWindow}, and repeats the steps below on a finer grid until the interval is narrow enough (Gopi, Lee, Wutschitz, NeurIPS
 *       2021: bounds on both sides).
 *   <li>{@code BinnedLoss}: integrates the event's loss over cells of half a grid step (Gauss and Legendre).
 *   <li>{@code DiscretizedLoss}: puts the cells on the grid, from above by connecting the dots, from below by {@code
 *       OutcomeMerger} (Doroshenko, Ghazi, Kamath, Kumar, Manurangsi, PoPETs 2022).
 *   <li>{@code TiltedConvolution}: tilts, transforms ({@code Fft}), raises to the event's count and multiplies ({@code
 *       SpectrumProduct}), transforms back, and reads epsilon or privacyDelta off the sum, with every bound of what was left
 *       out added to the worse side (Keich, Journal of Computational Biology 12, 2005; Higham 2002 for rounding, by Parseval and Cauchy and Schwarz in {@code TiltedConvolution}).
 * </ol>
 *
 * <p>{@code RenyiAccountant} needs none of this: {@code SampledGaussianMoment} integrates one event's moment, moments add up,
 * and a {@code UnimodalSearch} finds the best order (Mironov, Talwar, Zhang 2019).
 */
@NullMarked
package org.fl4j.privacy.accounting;

import org.jspecify.annotations.NullMarked;
