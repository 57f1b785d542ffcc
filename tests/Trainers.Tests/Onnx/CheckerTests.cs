using System.ComponentModel;
using System.Diagnostics;
using Microsoft.ML;

namespace Sconce.Trainers.Tests.Onnx;

/// <summary>What ONNX's own checker says, where Python has it (Debian: python3-onnx).</summary>
public sealed class CheckerTests : IDisposable
{
    /// <summary>Looks at every file, with inference of shapes, and says which it does not take.</summary>
    private const string Script = """
        import sys, onnx
        wrong = 0
        for path in sys.argv[1:]:
            try:
                onnx.checker.check_model(path, full_check=True)
                model = onnx.load(path)
                assert model.producer_name == 'Sconce' and model.producer_version, 'no producer'
            except Exception as problem:
                wrong += 1
                print(path, problem)
        print('checked', len(sys.argv) - 1, 'wrong', wrong)
        """;

    /// <summary>The one on the path, and the system's, which another may hide.</summary>
    private static readonly string[] _pythons = ["python3", "/usr/bin/python3"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_checker_takes_every_file()
    {
        var python = _pythons.FirstOrDefault(name => Run(name, "-c", "import onnx") is (0, _));
        Assert.SkipWhen(python is null, "No Python with the package onnx is installed (Debian: apt-get install python3-onnx), so its checker was not asked.");

        var paths = new List<string>();
        foreach (var (name, create) in OnnxVariants.All)
        {
            var (model, _) = create(_ml);
            using (model)
            {
                paths.Add(_folder.PathOf($"{name}.onnx"));
                _ml.Model.ExportToOnnx(model, null, paths[^1]);
            }
        }

        var (status, output) = Run(python!, ["-c", Script, .. paths])!.Value;
        Assert.True(status == 0, output);
        Assert.EndsWith($"checked {OnnxVariants.All.Count} wrong 0", output.Trim(), StringComparison.Ordinal);
    }

    /// <summary>Runs a program to its end; null where there is none of that name.</summary>
    private static (int Status, string Output)? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
