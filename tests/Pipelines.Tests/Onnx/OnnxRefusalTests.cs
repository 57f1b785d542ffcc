using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using Onnx;
using Sconce.Pipelines.Onnx;
using Sconce.Trainers;
using Sconce.Trainers.Native;
using Sconce.Trainers.Onnx;
using Sconce.Trainers.Persistence;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Sconce.Pipelines.Tests.Onnx;

/// <summary>What is wrong with a file, or with the data, is said in one sentence that names it.</summary>
public class OnnxRefusalTests(SmallNetworks networks)
{
    private readonly MLContext _ml = networks.Ml;

    [Fact]
    public void A_missing_file_is_named() =>
        Says(Assert.Throws<FileNotFoundException>(() => Open(networks.PathOf("none.onnx"))), "There is no ONNX file", "none.onnx");

    [Fact]
    public void An_empty_file_is_named() => Refuse("empty.onnx", [], "is empty (0 bytes)");

    [Fact]
    public void Text_is_no_model() => Refuse("text.onnx", "pixels,label\n1,2\n"u8.ToArray(), "is not an ONNX model", "17 bytes");

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void A_file_that_was_cut_off_is_named(double share)
    {
        var whole = File.ReadAllBytes(networks.Classifier.Onnx);
        Refuse("cut.onnx", whole[..(int)(whole.Length * share)], "begins like an ONNX model", "truncated", "copy it again");
    }

    [Fact]
    public void A_model_without_a_graph_is_refused()
    {
        var model = Change(model => model.Graph = null);
        Refuse("bare.onnx", model, "has no graph");
    }

    [Fact]
    public void A_format_that_is_too_new_is_named_with_both_versions() =>
        Refuse("format.onnx", Change(model => model.IrVersion = 99), "(IR) version 99", "ONNX Runtime 1.", "reads up to 1", "written by Sconce", "newer package");

    [Fact]
    public void An_operator_set_that_is_too_new_is_named_with_both_versions() =>
        Refuse("opset.onnx", Change(model => model.OpsetImport[0].Version = 99), "operator set 99", "knows up to 2", "older operator set", "newer package");

    [Fact]
    public void An_operator_that_is_not_known_is_named() =>
        Refuse("operator.onnx", Change(model => model.Graph.Node[0].OpType = "Frobnicate"), "cannot be run by ONNX Runtime", "Frobnicate", "operator set 17");

    /// <summary>Folders, links out of the file's own and what is not there: a file of a few bytes names any file of the machine.</summary>
    [Theory]
    [InlineData("absent.bin", "'absent.bin', which is not beside it")]
    [InlineData("../weights.bin", "'../weights.bin'; a file beside it")]
    [InlineData("/etc/hostname", "'/etc/hostname'; a file beside it")]
    [InlineData("..", "'..'; a file beside it")]
    [InlineData("", "''; a file beside it")]
    public void Weights_that_are_not_beside_the_file_are_refused(string location, string expected) =>
        Refuse("external.onnx", Change(model => Move(model, location)), "keeps the weights", expected);

    [Fact]
    public void Weights_beside_the_file_become_part_of_it()
    {
        var path = networks.PathOf("beside.onnx");
        File.WriteAllBytes(path, Change(model => File.WriteAllBytes(networks.PathOf("beside.bin"), [1, 2, 3, .. Move(model, "beside.bin", offset: 3)])).ToByteArray());
        using var model = Open(path).Fit(networks.Test);
        File.Delete(networks.PathOf("beside.bin"));
        using var whole = Open(networks.Classifier.Onnx).Fit(networks.Test);
        Assert.Equal(whole.Transform(networks.Test).GetColumn<float[]>("Score"), model.Transform(networks.Test).GetColumn<float[]>("Score"));
        _ml.Model.Save(model, networks.Test.Schema, networks.PathOf("beside.zip"));
        using var loaded = (IDisposable)_ml.Model.Load(networks.PathOf("beside.zip"), out _);
    }

    [Fact]
    public void Weights_beside_the_file_that_are_too_few_are_refused() => Refuse("short.onnx", Change(model =>
    {
        File.WriteAllBytes(networks.PathOf("short.bin"), Move(model, "short.bin")[1..]);
    }), "'short.bin'", "Copy both files again");

    /// <summary>ONNX Runtime would read them from the folder that the program happens to run in.</summary>
    [Fact]
    public void A_zip_whose_graph_names_another_file_is_refused()
    {
        var content = Change(model => Move(model, "weights.bin")).ToByteArray();
        Says(Assert.Throws<InvalidDataException>(() => new OnnxBatchScorer(new OnnxSettings("in.zip", null, null, 256), content)), "in.zip", "in another file, 'weights.bin'");
    }

    /// <summary>ONNX Runtime reads names that are no UTF-8, and would read the weights too.</summary>
    [Fact]
    public void Content_of_which_nobody_knows_whether_it_names_another_file_is_refused()
    {
        var content = Change(model =>
        {
            Move(model, "weights.bin");
            model.Graph.Node[0].Name = "forged";
        }).ToByteArray();
        content[content.AsSpan().IndexOf("forged"u8)] = 0xFF;
        Says(Assert.Throws<InvalidDataException>(() => new OnnxBatchScorer(new OnnxSettings("in.zip", null, null, 256), content)), "'in.zip'", "UTF-8");
        Refuse("forged.onnx", content, "UTF-8");
    }

    [Fact]
    public void Attributes_that_functions_have_by_default_are_looked_at_too()
    {
        var content = Change(model => model.Functions.Add(new FunctionProto
        {
            Name = "F",
            AttributeProto = { new AttributeProto { Name = "value", T = new TensorProto { Name = "w", ExternalData = { new StringStringEntryProto { Key = "location", Value = "w.bin" } } } } },
        })).ToByteArray();
        Says(Assert.Throws<InvalidDataException>(() => new OnnxBatchScorer(new OnnxSettings("in.zip", null, null, 256), content)), "'w.bin'");
    }

    /// <summary>The file takes no room on the disk.</summary>
    [Fact]
    public void Weights_beside_the_file_that_are_too_many_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There a file of 3 GB takes 3 GB.");
        using (var file = File.Create(networks.PathOf("large.bin")))
            file.SetLength(3L << 30);
        Refuse("large.onnx", Change(model =>
        {
            Move(model, "large.bin");
            model.Graph.Initializer.Single(tensor => tensor.ExternalData.Count > 0).ExternalData.RemoveAt(2);
        }), "'large.bin'", "have 3,221,225,472.", "more than 2,146,435,071 bytes");
        File.Delete(networks.PathOf("large.bin"));
    }

    [Fact]
    public void Weights_behind_a_link_or_in_a_pipe_are_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no pipes of names, and links for administrators alone.");
        File.WriteAllBytes(networks.PathOf("target.bin"), Move(Change(_ => { }), "linked.bin"));
        File.CreateSymbolicLink(networks.PathOf("linked.bin"), networks.PathOf("target.bin"));
        Refuse("linked.onnx", Change(model => Move(model, "linked.bin")), "'linked.bin'", "a link, a pipe or a device");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [networks.PathOf("piped.bin")]))
            made.WaitForExit();
        Refuse("piped.onnx", Change(model => Move(model, "piped.bin")), "'piped.bin'", "a link, a pipe or a device");
    }

    [Theory]
    [InlineData("[ErrorCode:RuntimeException] Non-zero status code returned while running Reshape node. Name:'R' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/reshape_helper.h:45 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == size was false. The input tensor cannot be reshaped",
        "Non-zero status code returned while running Reshape node. Name:'R' Status Message: input_shape_size == size was false. The input tensor cannot be reshaped")]
    [InlineData("[ErrorCode:Fail] Load model from x failed:D:\\a\\_work\\onnxruntime\\core\\graph\\model.cc:181 onnxruntime::Model::Model Unsupported model", "onnxruntime::Model::Model Unsupported model")]
    [InlineData("[ErrorCode:Fail] Non-zero status code. Status Message: /s/include/ort_value.h:97 const T& OrtValue::Get() const [with T = onnxruntime::Tensor] IsTensor() was false", "Non-zero status code. Status Message: IsTensor() was false")]
    public void Places_in_the_runtime_are_not_told(string message, string expected) => Assert.Equal(expected, OnnxFile.FirstSentence(message));

    /// <summary>The mean of a batch, and sums over the rows before.</summary>
    [Theory]
    [InlineData("ReduceMean")]
    [InlineData("CumSum")]
    public void A_graph_whose_rows_depend_on_one_another_is_refused_but_row_by_row(string operation)
    {
        var graph = new OnnxGraph(["X", "Y"]);
        var x = graph.Input("X", DataType.Float, OnnxSize.Rows, 2);
        var among = operation == "CumSum" ? graph.Add("CumSum", [x, graph.Constant(0)]) : graph.Add("Sub", [x, graph.Add("ReduceMean", [x], ("axes", new long[] { 0 }))]);
        graph.Output("Y", among, DataType.Float, OnnxSize.Rows, 2);
        var path = Graphs.Model(graph).Save(networks, $"{operation}.onnx");
        var rows = _ml.Data.LoadFromEnumerable([new Pair { X = [1, 2] }, new Pair { X = [3, 5] }, new Pair { X = [2, -1] }]);
        using var batched = _ml.Transforms.ApplyOnnxModelInBatches(path).Fit(rows);
        Says(Assert.Throws<InvalidDataException>(() => batched.Transform(rows).GetColumn<float[]>("Y").ToList()), $"{operation}.onnx", "of 3", "'Y'", "depend on one another", "batchSize to 1");
        using var single = _ml.Transforms.ApplyOnnxModelInBatches(path, batchSize: 1).Fit(rows);
        Assert.Equal(3, single.Transform(rows).GetColumn<float[]>("Y").Count());
    }

    /// <summary>Whole numbers follow from floats, which tell it, though nobody reads or wants them.</summary>
    [Theory]
    [InlineData((int)DataType.Float, false)]
    [InlineData((int)DataType.Float, true)]
    [InlineData((int)DataType.Double, false)]
    public void Rows_that_depend_on_one_another_are_found_whatever_is_read(int type, bool isChosen)
    {
        var graph = new OnnxGraph(["X", "Y", "K"]);
        var x = graph.Input("X", DataType.Float, OnnxSize.Rows, 2);
        var among = graph.Add("Sub", [x, graph.Add("ReduceMean", [x], ("axes", new long[] { 0 }))]);
        graph.Output("K", graph.Cast(among, DataType.Int64), DataType.Int64, OnnxSize.Rows, 2);
        graph.Output("Y", graph.Cast(among, (DataType)type), (DataType)type, OnnxSize.Rows, 2);
        var path = Graphs.Model(graph).Save(networks, $"whole-{type}-{isChosen}.onnx");
        var rows = _ml.Data.LoadFromEnumerable([new Pair { X = [1, 2] }, new Pair { X = [3, 5] }, new Pair { X = [2, -1] }]);
        using var batched = _ml.Transforms.ApplyOnnxModelInBatches(path, outputColumnNames: isChosen ? ["K"] : null).Fit(rows);
        Says(Assert.Throws<InvalidDataException>(() => batched.Transform(rows).GetColumn<long[]>("K").ToList()), "'Y'", "depend on one another", "batchSize to 1");
    }

    [Fact]
    public void Metadata_that_make_no_sense_are_refused() =>
        Refuse("metadata.onnx", Change(model => model.MetadataProps.Single(property => property.Key == OnnxPart.Property).Value = "[{}]"), OnnxPart.Property, "Export it again");

    /// <summary>Text would be read as if its numbers were floats.</summary>
    [Fact]
    public void Metadata_that_contradict_the_graph_are_refused()
    {
        var text = new InputColumn("Image", FeatureType.Text, [9]) { IsSequence = true, Symbols = new Trainers.ClassNames("String", ["a", "b"]) };
        var json = System.Text.Json.JsonSerializer.Serialize<IReadOnlyList<OnnxPart>>([new OnnxPart(text, new Regression("Label", []), new Dictionary<string, string>())], RecordJson.Options);
        Refuse("contradiction.onnx", Change(model => model.MetadataProps.Single(property => property.Key == OnnxPart.Property).Value = json), "'Image' of UInt8 [rows, 28, 28]", OnnxPart.Property, "Export it again");
    }

    /// <summary>Not every program says how many dimensions an input has.</summary>
    [Fact]
    public void An_input_without_a_shape_is_refused()
    {
        var model = Graphs.Cast(DataType.Float, [OnnxSize.Rows, 3], ("Y", DataType.Float));
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output))
            value.Type.TensorType.Shape = null;
        Refuse("unranked.onnx", model, "has the input 'X' of Float []", "fixed sizes of a row", "ApplyOnnxModel");
    }

    /// <summary>A sequence needs a dimension for its steps.</summary>
    [Fact]
    public void Metadata_of_another_rank_are_refused()
    {
        var column = new InputColumn("X", FeatureType.Single, [9, 4]) { IsSequence = true };
        var json = System.Text.Json.JsonSerializer.Serialize<IReadOnlyList<OnnxPart>>([new OnnxPart(column, new Regression("Label", []), new Dictionary<string, string>())], RecordJson.Options);
        var model = Graphs.Cast(DataType.Float, [], ("Y", DataType.Float));
        model.MetadataProps.Add(new StringStringEntryProto { Key = OnnxPart.Property, Value = json });
        Refuse("rank.onnx", model, "'X' of Float []", OnnxPart.Property, "Export it again");
    }

    [Fact]
    public void Several_inputs_are_named()
    {
        var graph = new OnnxGraph(["Left", "Right", "Sum"]);
        var sum = graph.Plus(graph.Input("Left", DataType.Float, OnnxSize.Rows, 2), graph.Input("Right", DataType.Float, OnnxSize.Rows, 2));
        graph.Output("Sum", sum, DataType.Float, OnnxSize.Rows, 2);
        Refuse("two.onnx", Graphs.Model(graph), "has 2 inputs ('Left', 'Right')", "one is expected", "ApplyOnnxModel");
    }

    [Theory]
    [InlineData((int)DataType.Int64, new long[] { 0, 3 }, "Int64 [rows, 3]", "Byte (UInt8) or Single (Float)")]
    [InlineData((int)DataType.Float, new long[] { 0 }, "Float [rows]", "fixed sizes of a row")]
    [InlineData((int)DataType.Float, new long[0], "Float []", "fixed sizes of a row")]
    [InlineData((int)DataType.Float, new long[] { 4, 3 }, "Float [4, 3]", "a free number of rows (or 1)")]
    [InlineData((int)DataType.Float, new long[] { 0, 0 }, "Float [rows, size1]", "fixed sizes of a row")]
    public void An_input_that_is_no_column_of_rows_is_refused(int type, long[] shape, string found, string expected)
    {
        var sizes = shape.Select((size, i) => size > 0 ? size : i == 0 ? OnnxSize.Rows : (OnnxSize)$"size{i}").ToList();
        Refuse("input.onnx", Graphs.Cast((DataType)type, sizes, ("Y", DataType.Float)), "has the input 'X'", found, expected, "ApplyOnnxModel");
    }

    [Fact]
    public void An_output_that_cannot_be_a_column_is_refused_unless_others_are_chosen()
    {
        var model = Graphs.Cast(DataType.Float, [OnnxSize.Rows, 3], ("Half", DataType.Float16), ("Y", DataType.Double));
        Refuse("half.onnx", model, "has the output 'Half'", "Float16 [rows, 3]", "outputColumnNames");
        Assert.NotNull(_ml.Transforms.ApplyOnnxModelInBatches(networks.PathOf("half.onnx"), outputColumnNames: ["Y"]));
    }

    [Fact]
    public void An_output_that_is_not_there_is_named_with_the_nearest()
    {
        var error = Assert.Throws<ArgumentException>(() => _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx, outputColumnNames: ["Scores"]));
        Says(error, "classifier.onnx", "no output 'Scores'", "did you mean 'Score'?", "PredictedLabel");
    }

    [Fact]
    public void A_batch_of_no_rows_is_refused() =>
        Says(Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx, batchSize: 0)), "batchSize is 0", "at least 1");

    [Fact]
    public void A_missing_column_is_named_with_the_nearest()
    {
        var renamed = _ml.Transforms.CopyColumns("Imgae", "Image").Append(_ml.Transforms.DropColumns("Image")).Fit(networks.Test).Transform(networks.Test);
        foreach (var error in (Exception[])
        [
            Assert.Throws<ArgumentException>(() => Open(networks.Classifier.Onnx).Fit(renamed)),
            Assert.Throws<ArgumentException>(() => _ml.Transforms.CopyColumns("Other", "Label").Append(Open(networks.Classifier.Onnx)).Fit(renamed)),
        ])
            Says(error, "classifier.onnx", "reads the column 'Image'", "did you mean 'Imgae'?", "Label", "inputColumnName");
    }

    [Fact]
    public void A_column_of_another_type_is_named_with_both()
    {
        var floats = _ml.Transforms.Conversion.ConvertType("Image", outputKind: DataKind.Single).Fit(networks.Test).Transform(networks.Test);
        Says(Assert.Throws<ArgumentException>(() => Open(networks.Classifier.Onnx).Fit(floats)), "classifier.onnx", "Vector<Byte, 28, 28>", "'Image' has the type Vector<Single", "Pass the bytes that the network was trained on");
        Says(Assert.Throws<ArgumentException>(() => _ml.Transforms.ApplyOnnxModelInBatches(networks.Classifier.Onnx, "Label").Fit(networks.Test)), "'Label' has the type", "Vector<Byte, 28, 28>");
    }

    [Theory]
    [InlineData(28, 27)]
    [InlineData(14, 56)]
    public void A_column_of_another_shape_is_named_with_both(int height, int width)
    {
        var schema = SchemaDefinition.Create(typeof(PixelRow));
        schema["Image"].ColumnType = new VectorDataViewType(NumberDataViewType.Byte, height, width);
        var data = _ml.Data.LoadFromEnumerable([new PixelRow { Image = new byte[height * width] }], schema);
        Says(Assert.Throws<ArgumentException>(() => Open(networks.Classifier.Onnx).Fit(data)), "classifier.onnx", "Vector<Byte, 28, 28>", $"Vector<Byte, {height}, {width}>", "shape");
    }

    /// <summary>A graph may say that it takes any number of rows, and fail when it is run: the sentence names the file then.</summary>
    [Fact]
    public void A_graph_that_fails_in_a_run_is_named()
    {
        var graph = new OnnxGraph(["X", "Y"]);
        var x = graph.Input("X", DataType.Float, OnnxSize.Rows, 2);
        graph.Output("Y", graph.Reshape(x, 1, 2), DataType.Float, OnnxSize.Rows, 2);
        var path = Graphs.Model(graph).Save(networks, "run.onnx");
        var data = _ml.Data.LoadFromEnumerable([new PairRow { X = [1, 2] }, new PairRow { X = [3, 4] }]);
        using var onnx = Open(path).Fit(data);
        var error = Assert.Throws<InvalidDataException>(() => onnx.Transform(data).GetColumn<float[]>("Y").ToList());
        Says(error, "run.onnx", "cannot score rows of Vector<Single, 2>");
    }

    [Fact]
    public void A_graph_that_gives_other_sizes_than_it_says_is_named()
    {
        var graph = new OnnxGraph(["X", "Y"]);
        var x = graph.Input("X", DataType.Float, OnnxSize.Rows, 2);
        graph.Output("Y", graph.Reshape(x, -1, 1), DataType.Float, "others", 1);
        var path = Graphs.Model(graph).Save(networks, "sizes.onnx");
        var data = _ml.Data.LoadFromEnumerable([new PairRow { X = [1, 2] }]);
        using var onnx = Open(path).Fit(data);
        var error = Assert.Throws<InvalidDataException>(() => onnx.Transform(data).GetColumn<float>("Y").ToList());
        Says(error, "sizes.onnx", "output 'Y'", "[2, 1] for 1 rows", "1 values for each row");
    }

    [Fact]
    public void A_value_that_is_no_number_is_refused_with_its_row()
    {
        var path = Graphs.Cast(DataType.Float, [OnnxSize.Rows, 2], ("Y", DataType.Double)).Save(networks, "cast.onnx");
        var data = _ml.Data.LoadFromEnumerable([new PairRow { X = [1, 2] }, new PairRow { X = [1, float.NaN] }]);
        using var onnx = Open(path).Fit(data);
        Says(Assert.Throws<InvalidDataException>(() => onnx.Transform(data).GetColumn<double[]>("Y").ToList()), "Column 'X'", "NaN", "row 1");
    }

    [Fact]
    public void A_zip_whose_graph_is_damaged_is_named()
    {
        using var onnx = Open(networks.Classifier.Onnx).Fit(networks.Test);
        var path = networks.PathOf("damaged.zip");
        _ml.Model.Save(onnx, networks.Test.Schema, path);
        using (var archive = System.IO.Compression.ZipFile.Open(path, System.IO.Compression.ZipArchiveMode.Update))
        {
            var entry = archive.Entries.Single(entry => entry.Name == "Model.onnx");
            var name = entry.FullName;
            entry.Delete();
            using var stream = archive.CreateEntry(name).Open();
            stream.Write("no model"u8);
        }

        Says(Assert.Throws<InvalidDataException>(() => _ml.Model.LoadVerified(path, out _)), "damaged.zip", "classifier.onnx", "is not an ONNX model");
    }

    private OnnxBatchEstimator Open(string path) => _ml.Transforms.ApplyOnnxModelInBatches(path);

    private ModelProto Change(Action<ModelProto> change)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(networks.Classifier.Onnx));
        change(model);
        return model;
    }

    private void Refuse(string name, ModelProto model, params string[] parts) => Refuse(name, model.ToByteArray(), parts);

    private void Refuse(string name, byte[] content, params string[] parts)
    {
        File.WriteAllBytes(networks.PathOf(name), content);
        Says(Assert.Throws<InvalidDataException>(() => Open(networks.PathOf(name))), [name, .. parts]);
    }

    private static void Says(Exception error, params string[] parts)
    {
        Assert.DoesNotContain('\n', error.Message);
        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private sealed class PixelRow
    {
        public byte[] Image { get; set; } = [];
    }

    private sealed class PairRow
    {
        [VectorType(2)]
        public float[] X { get; set; } = [];
    }

    /// <summary>Takes the largest weights out, for a file of that name, and gives their bytes.</summary>
    private static byte[] Move(ModelProto model, string location, int offset = 0)
    {
        var weights = model.Graph.Initializer.MaxBy(tensor => tensor.RawData.Length)!;
        var bytes = weights.RawData.ToByteArray();
        weights.RawData = ByteString.Empty;
        weights.DataLocation = TensorProto.Types.DataLocation.External;
        weights.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        weights.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{offset}" });
        weights.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{bytes.Length}" });
        return bytes;
    }

    private sealed class Pair
    {
        [VectorType(2)]
        public float[] X { get; set; } = [];
    }
}
