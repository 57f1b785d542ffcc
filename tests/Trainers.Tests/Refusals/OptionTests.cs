using Microsoft.ML;

namespace Sconce.Trainers.Tests.Refusals;

/// <summary>Options that make no sense are refused when the trainer is made, before any data is read.</summary>
public class OptionTests
{
    private readonly MLContext _ml = new(seed: 1);

    public static TheoryData<string, string, Func<ConvolutionalNetwork.Options, ConvolutionalNetwork.Options>> BadOptions => new()
    {
        { "BatchSize", "BatchSize is 0; it has to be at least 1.", options => options with { BatchSize = 0 } },
        { "BatchSize", "BatchSize is -1; it has to be at least 1.", options => options with { BatchSize = -1 } },
        { "NumberOfEpochs", "NumberOfEpochs is 0; it has to be at least 1.", options => options with { NumberOfEpochs = 0 } },
        { "NumberOfSteps", "NumberOfSteps is 0; it has to be at least 1.", options => options with { NumberOfSteps = 0 } },
        { "NumberOfSteps", "NumberOfSteps is -5; it has to be at least 1.", options => options with { NumberOfSteps = -5 } },
        { "LearningRate", "LearningRate is 0; it has to be more than 0, and finite.", options => options with { LearningRate = 0 } },
        { "LearningRate", "LearningRate is -0.5; it has to be more than 0, and finite.", options => options with { LearningRate = -0.5 } },
        { "LearningRate", "LearningRate is NaN; it has to be more than 0, and finite.", options => options with { LearningRate = double.NaN } },
        { "LearningRate", "LearningRate is Infinity; it has to be more than 0, and finite.", options => options with { LearningRate = double.PositiveInfinity } },
        { "MemoryBudget", "MemoryBudget is 0; it has to be at least 1.", options => options with { MemoryBudget = 0 } },
        { "LabelSmoothing", "LabelSmoothing is 1; it has to be in [0, 1).", options => options with { LabelSmoothing = 1 } },
        { "LabelSmoothing", "LabelSmoothing is -0.1; it has to be in [0, 1).", options => options with { LabelSmoothing = -0.1 } },
        { "LabelSmoothing", "LabelSmoothing is NaN; it has to be in [0, 1).", options => options with { LabelSmoothing = double.NaN } },
        { "LabelColumnName", "LabelColumnName is empty; it has to be the name of a column.", options => options with { LabelColumnName = "" } },
        { "FeatureColumnName", "FeatureColumnName is empty; it has to be the name of a column.", options => options with { FeatureColumnName = "" } },
        { "FeatureColumnName", "FeatureColumnName is empty; it has to be the name of a column.", options => options with { FeatureColumnName = null! } },
        { "Optimizer.WeightDecay", "Optimizer.WeightDecay is -1; it has to be 0 or more, and finite.", options => options with { Optimizer = new Sgd { WeightDecay = -1 } } },
        { "Optimizer.WeightDecay", "Optimizer.WeightDecay is NaN; it has to be 0 or more, and finite.", options => options with { Optimizer = new AdamW { WeightDecay = double.NaN } } },
        { "Optimizer.Beta1", "Optimizer.Beta1 is 1; it has to be in [0, 1).", options => options with { Optimizer = new Adam { Beta1 = 1 } } },
        { "Optimizer.Beta2", "Optimizer.Beta2 is -0.1; it has to be in [0, 1).", options => options with { Optimizer = new AdamW { Beta2 = -0.1 } } },
        { "Optimizer.Momentum", "Optimizer.Momentum is 1; it has to be in [0, 1).", options => options with { Optimizer = new Sgd { Momentum = 1 } } },
        { "Nesterov", "Optimizer.Nesterov is true and Optimizer.Momentum is 0", options => options with { Optimizer = new Sgd { Nesterov = true } } },
        { "GradientClipping.MaximalNorm", "GradientClipping.MaximalNorm is 0; it has to be more than 0, and finite.", options => options with { GradientClipping = new NormClipping { MaximalNorm = 0 } } },
        { "GradientClipping.MaximalNorm", "GradientClipping.MaximalNorm is NaN; it has to be more than 0, and finite.", options => options with { GradientClipping = new NormClipping { MaximalNorm = double.NaN } } },
        { "GradientClipping.MaximalValue", "GradientClipping.MaximalValue is -1; it has to be more than 0, and finite.", options => options with { GradientClipping = new ValueClipping { MaximalValue = -1 } } },
        { "Schedule.WarmUp", "Schedule.WarmUp is 0; it has to be between 0 and 1.", options => options with { Schedule = new OneCycleSchedule { WarmUp = 0 } } },
        { "Schedule.WarmUp", "Schedule.WarmUp is 1; it has to be between 0 and 1.", options => options with { Schedule = new OneCycleSchedule { WarmUp = 1 } } },
        { "Schedule.InitialDivisor", "Schedule.InitialDivisor is 0.5; it has to be at least 1.", options => options with { Schedule = new OneCycleSchedule { InitialDivisor = 0.5 } } },
        { "Schedule.FinalDivisor", "Schedule.FinalDivisor is NaN; it has to be at least 1.", options => options with { Schedule = new OneCycleSchedule { FinalDivisor = double.NaN } } },
        { "Schedule.Share", "Schedule.Share is 0; it has to be between 0 and 1.", options => options with { Schedule = new WarmUpSchedule { Share = 0 } } },
        { "Schedule.InitialDivisor", "Schedule.InitialDivisor is 0; it has to be at least 1.", options => options with { Schedule = new WarmUpSchedule { InitialDivisor = 0 } } },
        { "Schedule.Patience", "Schedule.Patience is 0; it has to be at least 1.", options => options with { Schedule = new WarmUpSchedule { Then = new PlateauSchedule { Patience = 0 } } } },
        { "Schedule.Decay", "Schedule.Decay is 1; it has to be between 0 and 1.", options => options with { Schedule = new PlateauSchedule { Decay = 1 } } },
        { "Schedule.MinimumImprovement", "Schedule.MinimumImprovement is -1; it has to be 0 or more, and finite.", options => options with { Schedule = new PlateauSchedule { MinimumImprovement = -1 } } },
        { "Schedule.MinimumFactor", "Schedule.MinimumFactor is 0; it has to be between 0 and 1.", options => options with { Schedule = new PlateauSchedule { MinimumFactor = 0 } } },
        { "Schedule.Decay", "Schedule.Decay is 0; it has to be between 0 and 1.", options => options with { Schedule = new StepSchedule { Decay = 0 } } },
        { "Schedule.Milestones", "Schedule.Milestones is 1; it has to be between 0 and 1.", options => options with { Schedule = new StepSchedule { Milestones = [0.5, 1] } } },
        { "Schedule.Milestones.Count", "Schedule.Milestones.Count is 0; it has to be at least 1.", options => options with { Schedule = new StepSchedule { Milestones = [] } } },
        { "Optimizer.Decay", "Optimizer.Decay is 1; it has to be in [0, 1).", options => options with { Optimizer = new RmsProp { Decay = 1 } } },
        { "Optimizer.Momentum", "Optimizer.Momentum is -1; it has to be in [0, 1).", options => options with { Optimizer = new RmsProp { Momentum = -1 } } },
        { "ValidationFraction", "ValidationFraction is 0; it has to be between 0 and 1.", options => options with { ValidationFraction = 0 } },
        { "ValidationFraction", "ValidationFraction is 1; it has to be between 0 and 1.", options => options with { ValidationFraction = 1 } },
        { "ValidationFraction", "ValidationFraction is NaN; it has to be between 0 and 1.", options => options with { ValidationFraction = double.NaN } },
        { "ValidationFraction", "ValidationFraction and ValidationSet exclude each other", options => options with { ValidationFraction = 0.1, ValidationSet = new Points(rows: 10, features: 2, classes: 2, seed: 1).View } },
        { "EarlyStopping", "EarlyStopping needs rows to measure on; set ValidationSet or ValidationFraction too.", options => options with { EarlyStopping = new() } },
        { "EarlyStopping.Patience", "EarlyStopping.Patience is 0; it has to be at least 1.", options => options with { ValidationFraction = 0.1, EarlyStopping = new() { Patience = 0 } } },
        { "EarlyStopping.MinimumImprovement", "EarlyStopping.MinimumImprovement is NaN; it has to be 0 or more, and finite.", options => options with { ValidationFraction = 0.1, EarlyStopping = new() { MinimumImprovement = double.NaN } } },
        { "WeightAveraging.Decay", "WeightAveraging.Decay is 1; it has to be in [0, 1).", options => options with { WeightAveraging = new() { Decay = 1 } } },
        { "Convolutions.Count", "Convolutions.Count is 0; it has to be at least 1.", options => options with { Network = new() { Convolutions = [] } } },
        { "Convolutions.KernelSize", "Convolutions.KernelSize is 4; it has to be odd and at least 1.", options => options with { Network = new() { Convolutions = [new(8), new(8, KernelSize: 4)] } } },
        { "Convolutions.KernelSize", "Convolutions.KernelSize is -3; it has to be odd and at least 1.", options => options with { Network = new() { Convolutions = [new(8, KernelSize: -3)] } } },
        { "Convolutions.Filters", "Convolutions.Filters is 0; it has to be at least 1.", options => options with { Network = new() { Convolutions = [new(0)] } } },
        { "Convolutions.Pooling", "Convolutions.Pooling is 0; it has to be at least 1.", options => options with { Network = new() { Convolutions = [new(8, Pooling: 0)] } } },
        { "DenseLayerSizes", "DenseLayerSizes is 0; it has to be at least 1.", options => options with { Network = new() { DenseLayerSizes = [10, 0] } } },
        { "Dropout", "Dropout is 1; it has to be in [0, 1).", options => options with { Network = new() { Dropout = 1 } } },
        { "Dropout", "Dropout is -0.1; it has to be in [0, 1).", options => options with { Network = new() { Dropout = -0.1 } } },
        { "Augmentation.Shift", "Augmentation.Shift is -1; it has to be 0 or more, and finite.", options => options with { Network = new() { Augmentation = new() { Shift = -1 } } } },
        { "Augmentation.Rotation", "Augmentation.Rotation is Infinity; it has to be 0 or more, and finite.", options => options with { Network = new() { Augmentation = new() { Rotation = double.PositiveInfinity } } } },
        { "Augmentation.Scale", "Augmentation.Scale is 1; it has to be in [0, 1).", options => options with { Network = new() { Augmentation = new() { Scale = 1 } } } },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void An_option_that_makes_no_sense_is_named_with_what_it_is_and_what_it_has_to_be(
        string option, string sentence, Func<ConvolutionalNetwork.Options, ConvolutionalNetwork.Options> change)
    {
        var refused = Assert.ThrowsAny<ArgumentException>(() => _ml.ConvolutionalNetwork(change(new())));
        Assert.StartsWith(sentence, refused.Message, StringComparison.Ordinal);
        Assert.Equal(option, refused.ParamName);
    }

    [Fact]
    public void The_options_of_the_baseline_are_checked_too()
    {
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => _ml.SoftmaxRegression(new() { BatchSize = 0 })), "BatchSize is 0");
        Sentence.Has(Assert.Throws<ArgumentOutOfRangeException>(() => _ml.SoftmaxRegression(new() { LabelSmoothing = 1 })), "LabelSmoothing is 1");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.SoftmaxRegression(featureColumnName: "")), "FeatureColumnName is empty");
        Sentence.Has(Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.ConvolutionalNetwork(labelColumnName: "")), "LabelColumnName is empty");
    }

    [Fact]
    public void More_steps_than_can_be_counted_are_refused_by_the_option()
    {
        var points = new Points(rows: 10, features: 2, classes: 2, seed: 1);
        var estimator = _ml.SoftmaxRegression(new() { NumberOfSteps = null, NumberOfEpochs = int.MaxValue, BatchSize = 1 });
        Sentence.Has(Assert.ThrowsAny<ArgumentException>(() => estimator.Fit(points.View)), "NumberOfEpochs");
    }

    [Fact]
    public void The_defaults_make_sense()
    {
        new ConvolutionalNetwork.Options().Validate();
        ConvolutionalNetwork.Options.Classic.Validate();
        new SoftmaxRegression.Options().Validate();
        var softmax = new SoftmaxRegression.Options();
        Assert.Equal((new Sgd(), 0.5, 100, (int?)1000), (softmax.Optimizer, softmax.LearningRate, softmax.BatchSize, softmax.NumberOfSteps));
    }
}
