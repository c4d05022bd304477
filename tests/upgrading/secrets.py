"""What the instance of the dumps was run with. It guards make-believe tokens only."""

TOKEN_KEY = "0ThfBFdMpY4Wdizv1nV3ZLZWDX4o_4a6zX6qYmwtvoI="
