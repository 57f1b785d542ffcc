using System.CommandLine;
using Microsoft.ML;
using Sconce.Pipelines;

namespace Sconce.Host.Commands;

/// <summary><c>sconce translate MODEL TEXT...</c>: translates texts with a text-to-text model.</summary>
internal static class TranslateCommand
{
    public static readonly Argument<string[]> Texts = new("TEXT") { Description = "The texts to translate.", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The zip of a text-to-text model, such as 'sconce train dates' makes." };
        var command = new Command("translate", "Translate texts with a text-to-text model, and print one line for each.") { model, Texts };
        command.SetAction(result =>
        {
            var terminal = Invocation.Terminal(result);
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
