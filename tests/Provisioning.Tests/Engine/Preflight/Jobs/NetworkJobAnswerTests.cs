using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Jobs;

/// <summary>Whoever makes the image writes the answer.</summary>
public sealed class NetworkJobAnswerTests
{
    [Fact]
    public void Read_WhatTheScriptWrites_IsTheAnswersInTheirOrder() =>
        Assert.Equal(
            [new NetworkAnswer("ok", ""), new NetworkAnswer("tcp", "ECONNREFUSED")],
            NetworkJobAnswer.Read("""{"v":1,"r":[["ok",""],["tcp","ECONNREFUSED"]]}""", 2)!
        );

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("""{"v":1}""")]
    [InlineData("""{"v":"1","r":[["ok",""]]}""")]
    [InlineData("""{"v":2,"r":[["ok",""]]}""")]
    [InlineData("""{"v":1,"r":[]}""")]
    [InlineData("""{"v":1,"r":[["ok",""],["ok",""]]}""")]
    [InlineData("""{"v":1,"r":[["ok",""]],"approve":true}""")]
    [InlineData("""{"v":1,"v":1,"r":[["ok",""]]}""")]
    [InlineData("""{"v":1,"r":[["fine",""]]}""")]
    [InlineData("""{"v":1,"r":[["ok"]]}""")]
    [InlineData("""{"v":1,"r":[["ok",null]]}""")]
    [InlineData("""{"v":1,"r":[{"0":"ok","1":""}]}""")]
    [InlineData("""{"v":1,"r":[["tcp","<img src=x>"]]}""")]
    [InlineData("""{"v":1,"r":[["tcp","E E"]]}""")]
    [InlineData("""{"v":1,"r":[["tcp","AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]]}""")]
    [InlineData("""[[[[[[[[[[[["ok"]]]]]]]]]]]]""")]
    public void Read_AnythingElse_IsNoAnswer(string message) => Assert.Null(NetworkJobAnswer.Read(message, 1));

    [Fact]
    public void Read_MoreThanAKubeletKeeps_IsNoAnswer() =>
        Assert.Null(NetworkJobAnswer.Read("""{"v":1,"r":[["ok",""]]}""" + new string(' ', 9000), 1));

    [Fact]
    public void Shown_HostileText_IsShortAndWithoutControlCharacters()
    {
        var shown = NetworkJobAnswer.Shown("a\u001b[31m\u202e\n<img>" + new string('x', 5000));

        Assert.True(shown.Length < 250);
        Assert.DoesNotContain(shown, c => char.IsControl(c) || c == '\u202e');
        Assert.Contains("<img>", shown, StringComparison.Ordinal); // pages encode it
        Assert.Equal("It said nothing.", NetworkJobAnswer.Shown(null));
    }
}
