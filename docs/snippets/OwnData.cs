using Microsoft.ML;

var ml = new MLContext();

#region idx
var (train, test) = ml.Data.LoadMnist();                                                                           // the files here
var own = ml.Data.LoadMnist("data/mnist");                                                                         // a folder with the same four names
var images = ml.Data.LoadFromIdx("data/mnist/t10k-images-idx3-ubyte.gz", "data/mnist/t10k-labels-idx1-ubyte.gz");  // any two files
#endregion

#region series
var births = ml.Data.LoadBirths();                          // columns Date and Value
var sales = ml.Data.LoadSeries("sales.csv", dateColumn: "day", valueColumn: "sold", seriesColumn: "shop", covariates: ["price"]);
#endregion

Console.WriteLine($"{train.Schema.Count + test.Schema.Count} {own.Test.GetRowCount()} {images.GetRowCount()} {births.Schema.Count} {sales.Schema.Count}");
