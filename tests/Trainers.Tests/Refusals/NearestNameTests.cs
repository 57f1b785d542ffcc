using Sconce.Core.Errors;
using Sconce.Trainers.Columns;

namespace Sconce.Trainers.Tests.Refusals;

public class NearestNameTests
{
    [Theory]
    [InlineData("image", "Image")]
    [InlineData("Imgae", "Image")]
    [InlineData("Imag", "Image")]
    [InlineData("Scores", "Score")]
    [InlineData("PredictedLable", "PredictedLabel")]
    [InlineData("Labl", "Label")]
    public void A_slip_of_the_pen_is_recognised(string name, string nearest) => Assert.Equal(nearest, NearestName.Of(name, ["Score", "Label", "Image", "PredictedLabel"]));

    [Theory]
    [InlineData("Pixels")]
    [InlineData("X")]
    [InlineData("")]
    public void Another_name_is_not_guessed_at(string name) => Assert.Null(NearestName.Of(name, ["Score", "Label", "Image", "PredictedLabel"]));

    [Fact]
    public void Of_several_the_nearest_is_named() => Assert.Equal("Column12", NearestName.Of("Column12a", ["Column1", "Column12", "Colum"]));

    [Fact]
    public void The_refusal_of_a_column_asks() =>
        Sentence.Has(ColumnBinding.Missing("Feature", "Imgae", ["Label", "Image"]), "Feature column 'Imgae' is not in the data (did you mean 'Image'?)", "The columns are: Label, Image.");
}
