using System.IO.Enumeration;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>The parameters that a training leaves as they are.</summary>
internal static class FrozenWeights
{
    /// <summary>Freezes the parameters that the patterns name. Batch normalisation whose weight is frozen keeps its running statistics too, and normalises with them.</summary>
    /// <exception cref="ArgumentException">A pattern names none, or together they name all; the message names the pattern and the parameters that there are.</exception>
    public static void Freeze(nn.Module network, IReadOnlyList<string> patterns)
    {
        var parameters = network.named_parameters().ToList();
        foreach (var pattern in patterns)
        {
            var named = parameters.Where(parameter => Matches(pattern, parameter.name)).ToList();
            if (named.Count == 0)
                throw new ArgumentException($"{nameof(TrainingOptions.FrozenParameters)} has '{pattern}', which names no parameter; the network has {string.Join(", ", parameters.Select(parameter => $"'{parameter.name}'"))}.");
            foreach (var (_, parameter) in named)
                parameter.requires_grad = false;
        }

        if (patterns.Count > 0 && parameters.TrueForAll(parameter => !parameter.parameter.requires_grad))
            throw new ArgumentException($"{nameof(TrainingOptions.FrozenParameters)} names every parameter of the network; at least one has to be left to learn.");
    }

    /// <summary>A pattern names a parameter by all of its name, or by the parts before one of its dots.</summary>
    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false) || FileSystemName.MatchesSimpleExpression($"{pattern}.*", name, ignoreCase: false);
}
