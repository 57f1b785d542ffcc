#region train
using Microsoft.ML;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var (train, test) = ml.Data.LoadMnist();

var pipeline = ml.Transforms.Conversion.MapValueToKey("Label")
    .Append(ml.Transforms.Autoencoder(outputColumnName: "Code", inputColumnName: "Image"))  // 784-256-64-32
    .Append(ml.MulticlassClassification.Trainers.DenseNetwork(featureColumnName: "Code"));

var model = pipeline.Fit(train);  // each image is encoded once, however many epochs follow
ml.Model.Save(model, train.Schema, "compressed.zip");
Console.WriteLine(ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy);
#endregion

#region options
var autoencoder = ml.Transforms.Autoencoder("Code", "Image", new Autoencoder.Options
{
    Network = new() { HiddenLayerSizes = [256, 64], CodeSize = 16, Activation = Activation.Elu, TiedWeights = true, Noise = 0.2 },
    Loss = ReconstructionLoss.BinaryCrossEntropy,  // MeanSquaredError is the default
    ReconstructionColumnName = "Reconstruction",   // bytes, as in the input
    ReconstructionErrorColumnName = "Error",       // high for rows unlike the training rows: an anomaly score
    NumberOfEpochs = 2,
});
var fitted = autoencoder.Fit(train);
var images = fitted.Decoder("Code", "Image");      // codes back to images, without the encoder
#endregion

Console.WriteLine(images.GetOutputSchema(fitted.GetOutputSchema(train.Schema)).Count);
