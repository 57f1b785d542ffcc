using Microsoft.ML;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();

#region fit
// model = Sequential([Flatten(), Dense(128, activation="relu"), Dropout(0.2), Dense(10)])
// model.compile(optimizer=Adam(1e-3), loss=SparseCategoricalCrossentropy(from_logits=True))
// model.fit(x, y, batch_size=128, epochs=5, validation_split=0.1, callbacks=[EarlyStopping(patience=2, restore_best_weights=True)])
var trainer = ml.MulticlassClassification.Trainers.DenseNetwork(new DenseNetwork.Options
{
    FeatureColumnName = "Image",
    Network = new() { HiddenLayerSizes = [128], Activation = Activation.Relu, Dropout = 0.2 },
    Optimizer = new Adam(),
    LearningRate = 1e-3,
    BatchSize = 128,
    NumberOfEpochs = 5,
    ValidationFraction = 0.1,
    EarlyStopping = new() { Patience = 2, RestoreBestWeights = true },
});
var model = ml.Transforms.Conversion.MapValueToKey("Label").Append(trainer).Fit(train);
#endregion

Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
