package org.fl4j.model;

/**
 * What local training did.
 *
 * @param examples the size n of the client's data
 * @param steps how many mini-batch steps were taken
 * @param stepSizeSum the sum of their learning rates
 * @param loss the mean of the mini-batch losses, each before its step; 0 without steps
 */
public record LocalTrainingReport(long examples, long steps, double stepSizeSum, double loss) {}
