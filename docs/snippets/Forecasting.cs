#region train
using Microsoft.ML;
using Sconce.Pipelines;
using Sconce.Trainers;

var ml = new MLContext(seed: 1);
var births = ml.Data.LoadBirths();  // US births per day, 1994 to 2003: Date, Value

var model = ml.Forecasting.ForecastByRecurrentNetwork(new RecurrentForecast.Options
{
    DateColumnName = "Date",
    WindowSize = 56,
    Horizon = 28,
    NumberOfEpochs = 2,
    Calendar = new() { Holidays = HolidayCalendar.UnitedStates },
    ConfidenceLowerBoundColumn = "Lower",
    ConfidenceUpperBoundColumn = "Upper",
}).Fit(ml.Data.DropLastRows(births, 100));
ml.Model.Save(model, births.Schema, "births.zip");
#endregion

#region engine
var engine = ml.Model.Load("births.zip", out _).CreateForecastEngine(ml);  // its history ends where the training data ended
engine.Update(ml.Data.TakeLastRows(births, 100));                          // newer rows; nothing is trained again
var next = engine.Predict(horizon: 28, confidenceLevel: 0.9);
Console.WriteLine($"{next.Dates![0]:yyyy-MM-dd}: {next.Values[0]:N0} ({next.Lower[0]:N0} to {next.Upper[0]:N0})");
engine.CheckPoint(ml, "births.zip");                                       // saves the model with the longer history
#endregion

#region compare
var table = ForecastComparison.Run(model, births, heldOut: 100, step: 7);
foreach (var result in table.Results)  // naive, seasonal-naive, Holt-Winters, the network
    Console.WriteLine($"{result.Method}: mean absolute error {result.Errors.MeanAbsolute:N0}");
#endregion
