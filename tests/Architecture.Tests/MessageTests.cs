using System.Text.RegularExpressions;

namespace Sconce.Architecture.Tests;

/// <summary>A program that uses the libraries has no command line to be told of.</summary>
public sealed class MessageTests
{
    /// <summary>An option after a space, a quotation mark or a bracket; a style sheet's <c>--name:</c> and <c>var(--name)</c> are none.</summary>
    private static readonly Regex _option = new(@"(?<=^|[\s'""\[])--[a-z][a-z-]+(?![\w-]*:)", RegexOptions.None, TimeSpan.FromSeconds(1));

    private static readonly Regex _command = new(@"(?<=^|[\s'""`])sconce [a-z]", RegexOptions.None, TimeSpan.FromSeconds(1));

    [Fact]
    public void Libraries_name_no_options_and_no_commands()
    {
        using var house = new House();
        var texts = (from library in house.Libraries
                     from type in library.Types
                     from text in Uses.Texts(type)
                     select (Type: type.FullName, Text: text)).ToList();
        Assert.True(texts.Count > 1000);
        var wrong = texts.Where(each => _option.IsMatch(each.Text) || _command.IsMatch(each.Text)).Select(each => $"{each.Type}: {each.Text}");
        Assert.True(!wrong.Any(), string.Join(Environment.NewLine, wrong));
    }

    [Theory]
    [InlineData("'a.csv' exists. --force replaces it.", true)]
    [InlineData("'sconce train' makes one.", true)]
    [InlineData("--share:", false)]
    [InlineData("background:var(--series", false)]
    [InlineData("Sconce scorer", false)]
    public void The_check_finds_what_it_is_for(string text, bool isFound) => Assert.Equal(isFound, _option.IsMatch(text) || _command.IsMatch(text));
}
