package org.fl4j.model;

import java.util.OptionalDouble;

/**
 * What local training did.
 *
 * @param examples the size n of the client's data
 * @param steps how many mini-batch steps were taken
 * @param stepSizeSum the sum of their learning rates, if every step was plain SGD, {@code w - rate * (g + correction)}
 *     with the mean gradient g of its mini-batch (regularisation terms may be in g); empty for other optimizers, momentum,
 *     clipping and constraints included, whose displacement over this is no mean of gradients
 * @param loss the mean of the mini-batch losses, each before its step; 0 without steps
 */
public record LocalTrainingReport(long examples, long steps, OptionalDouble stepSizeSum, double loss) {}
