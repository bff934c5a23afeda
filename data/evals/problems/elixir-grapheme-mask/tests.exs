defmodule MaskTest do
  use ExUnit.Case, async: true

  @family "👩‍👧"

  test "hides all but the end" do
    assert Mask.hide("secret", 2) == "****et"
    assert Mask.hide("secret", 0) == "******"
    assert Mask.hide("", 3) == ""
  end

  test "short texts stay" do
    assert Mask.hide("ab", 2) == "ab"
    assert Mask.hide("ab", 5) == "ab"
  end

  test "characters of several code points" do
    assert Mask.hide("e\u0301a#{@family}b", 2) == "**#{@family}b"
    assert Mask.hide("ab#{@family}", 1) == "**#{@family}"
    assert Mask.fit("ab#{@family}cd", 4) == "ab#{@family}…"
    assert Mask.fit("#{@family}#{@family}", 2) == "#{@family}#{@family}"
  end

  test "fits" do
    assert Mask.fit("grün", 4) == "grün"
    assert Mask.fit("grüne", 4) == "grü…"
    assert Mask.fit("ab", 1) == "…"
    assert Mask.fit("", 1) == ""
  end

  test "no space before the dots" do
    assert Mask.fit("to be or not", 6) == "to be…"
    assert Mask.fit("to be or not", 7) == "to be…"
    assert Mask.fit("a \t bcd", 5) == "a…"
    assert Mask.fit("  ab", 3) == "…"
    assert Mask.fit("ab  ", 4) == "ab  "
  end

  test "the same" do
    assert Mask.same?("Caf\u00e9", "CAFe\u0301")
    assert Mask.same?("ÄÖ", "äö")
    assert Mask.same?("", "")
    refute Mask.same?("cafe", "café")
    refute Mask.same?("a b", "ab")
    refute Mask.same?("ab", "ab ")
  end
end
