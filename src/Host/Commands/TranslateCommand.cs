using System.CommandLine;
using Microsoft.ML;
using Sconce.Host.Display;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce translate MODEL TEXT...</c>: what a model makes of texts.</summary>
internal static class TranslateCommand
{
    public static readonly Argument<string[]> Texts = new("TEXT") { Description = "The texts to give to it.", Arity = ArgumentArity.OneOrMore };

    public static Command Create(Func<ParseResult, Terminal> open)
    {
        var model = new Argument<string>("MODEL") { Description = "The zip of a model that makes texts of texts, as 'sconce train dates' makes it." };
        var command = new Command("translate", "Print what a model makes of texts, a line for each.") { model, Texts };
        command.SetAction(result =>
        {
            var terminal = open(result);
            var ml = new MLContext();
            using var file = ModelFile.Load(ml, result.GetValue(model)!);
            var translations = TextTranslator.Translate(ml, file, result.GetValue(Texts)!);
            foreach (var translation in translations)
                terminal.Line(translation.Output);
            terminal.Result(translations.Select(translation => new { translation.Input, translation.Output }));
        });
        return command;
    }
}
