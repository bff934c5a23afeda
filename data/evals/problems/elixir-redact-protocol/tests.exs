defmodule RedactTest do
  use ExUnit.Case, async: true

  test "numbers and atoms" do
    assert Enum.map([7, -1.5, :ok, nil], &Redact.show/1) == ["7", "-1.5", ":ok", "nil"]
  end

  test "strings and bits" do
    assert Redact.show("secret") == "s***t"
    assert Redact.show("abcd") == "a***d"
    assert Redact.show("abc") == "***"
    assert Redact.show("") == "***"
    assert Redact.show("äöü") == "***"
    assert Redact.show("éclaté") == "é***é"
    assert Redact.show(<<255, 254>>) == "<<16 bits>>"
    assert Redact.show(<<5::3>>) == "<<3 bits>>"
  end

  test "lists and tuples" do
    assert Redact.show([1, "secret", [:a]]) == "[1, s***t, [:a]]"
    assert Redact.show({:ok, {"abc"}}) == "{:ok, {***}}"
    assert {Redact.show([]), Redact.show({})} == {"[]", "{}"}
  end

  test "maps" do
    assert Redact.show(%{}) == "%{}"
    map = %{"token" => 7, :password => ["x"], "name" => "secret", :b => %{a: 1}, 2 => :two}
    assert Redact.show(map) ==
             "%{2: :two, b: %{a: 1}, password: [hidden], name: s***t, token: [hidden]}"

    assert Redact.show(%{{1} => 2, Password: 3}) == "%{Password: 3, {1}: 2}"
  end

  test "structs that derive" do
    login = "ada lovelace" |> Login.new("12345") |> Login.failed() |> Login.failed()
    assert Redact.show(login) == "Login(user: a***e, tries: 2)"
    assert Redact.show(Parcel.new("nowhere", 1.5, "gold")) == "Parcel(weight: 1.5, to: n***e)"
    assert Redact.show(Stamp.new("rare")) == "Stamp()"
  end

  test "structs within" do
    login = Login.new("adam", "12345")
    assert Redact.show([Parcel.new(login, 1, nil)]) ==
             "[Parcel(weight: 1, to: Login(user: a***m, tries: 0))]"

    assert Redact.show(%{token: login, who: login}) ==
             "%{token: [hidden], who: Login(user: a***m, tries: 0)}"
  end

  test "the rest" do
    assert Redact.show(Plain.new(7)) == "#hidden"
    assert Redact.show(self()) == "#hidden"
    assert Redact.show([make_ref(), fn -> 1 end]) == "[#hidden, #hidden]"
  end
end
