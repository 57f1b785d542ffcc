using Microsoft.ML;
using Microsoft.ML.Data;
using Sconce.Pipelines;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var (dates, unseen) = DateExamples.Load(ml, 500, 100, seed: 1);  // text columns Date and IsoDate

#region translate
var translator = ml.Transforms.SequenceToSequence("Iso", "Date", "IsoDate", new EncoderDecoder.Options
{
    NumberOfEpochs = 1,
    MaximumOutputLength = 10,
    Network = new() { Layers = new() { HiddenSize = 64 }, Attention = true, TeacherForcing = 1 },
});
var model = translator.Fit(dates);                                    // output, input, label
var first = model.Transform(unseen).GetColumn<ReadOnlyMemory<char>>("Iso").First();
Console.WriteLine($"'{first}'");
#endregion
